//! Symmetric positive definite systems of a few unknowns.

/// A square matrix by rows.
pub type Matrix = Vec<Vec<f64>>;

/// The inverse of a symmetric positive definite matrix by its Cholesky factor; nothing when it is not positive definite.
pub fn inverse(a: &Matrix) -> Option<Matrix> {
    let n = a.len();
    let mut lower = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let rest = a[i][j] - sum;
            if i == j {
                if rest <= 0.0 || !rest.is_finite() {
                    return None;
                }
                lower[i][i] = rest.sqrt();
            } else {
                lower[i][j] = rest / lower[j][j];
            }
        }
    }
    let column = |unit: usize| {
        let mut y = vec![0.0; n];
        for i in 0..n {
            let sum: f64 = (0..i).map(|k| lower[i][k] * y[k]).sum();
            y[i] = (f64::from(u8::from(i == unit)) - sum) / lower[i][i];
        }
        for i in (0..n).rev() {
            let sum: f64 = (i + 1..n).map(|k| lower[k][i] * y[k]).sum();
            y[i] = (y[i] - sum) / lower[i][i];
        }
        y
    };
    Some((0..n).map(column).collect())
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
