//! Symmetric positive definite systems of a few unknowns.

/// A square matrix by rows.
pub type Matrix = Vec<Vec<f64>>;

/// The inverse of a symmetric positive definite matrix by its Cholesky factor; nothing when it is not positive definite.
pub fn inverse(a: &Matrix) -> Option<Matrix> {
    let lower = cholesky(a, 0.0).ok()?;
    let unit = |column: usize| (0..a.len()).map(|i| f64::from(u8::from(i == column))).collect::<Vec<f64>>();
    Some((0..a.len()).map(|column| solve(&lower, &unit(column))).collect())
}

/// The lower Cholesky factor L of a symmetric positive definite matrix, A = L·Lᵀ; otherwise the row at which a pivot is not
/// above `least` times its diagonal.
pub fn cholesky(a: &Matrix, least: f64) -> Result<Matrix, usize> {
    let n = a.len();
    let mut lower = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let rest = a[i][j] - sum;
            if i != j {
                lower[i][j] = rest / lower[j][j];
            } else if rest > least * a[i][i].abs() && rest.is_finite() {
                lower[i][i] = rest.sqrt();
            } else {
                return Err(i);
            }
        }
    }
    Ok(lower)
}

/// x with L·Lᵀ·x = b.
pub fn solve(lower: &Matrix, b: &[f64]) -> Vec<f64> {
    let n = b.len();
    let mut y = b.to_vec();
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| lower[i][k] * y[k]).sum();
        y[i] = (y[i] - sum) / lower[i][i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| lower[k][i] * y[k]).sum();
        y[i] = (y[i] - sum) / lower[i][i];
    }
    y
}

/// A matrix times a vector.
pub fn times(a: &Matrix, x: &[f64]) -> Vec<f64> {
    a.iter().map(|row| row.iter().zip(x).map(|(a, x)| a * x).sum()).collect()
}

/// The product of two square matrices.
pub fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let n = a.len();
    let cell = |i: usize, j: usize| (0..n).map(|k| a[i][k] * b[k][j]).sum();
    (0..n).map(|i| (0..n).map(|j| cell(i, j)).collect()).collect()
}

/// Adds x·xᵀ times a weight.
pub fn add_outer(a: &mut Matrix, x: &[f64], weight: f64) {
    for (row, xi) in a.iter_mut().zip(x) {
        row.iter_mut().zip(x).for_each(|(cell, xj)| *cell += weight * xi * xj);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_times_its_inverse_is_the_unit() {
        let a = vec![vec![4.0, 2.0, 0.6], vec![2.0, 5.0, 1.0], vec![0.6, 1.0, 3.0]];
        let unit = product(&a, &inverse(&a).unwrap());
        for (i, row) in unit.iter().enumerate() {
            for (j, cell) in row.iter().enumerate() {
                assert!((cell - f64::from(u8::from(i == j))).abs() < 1e-12, "{i} {j} {cell}");
            }
        }
        assert_eq!(inverse(&vec![vec![1.0, 2.0], vec![2.0, 1.0]]), None);
    }
}
