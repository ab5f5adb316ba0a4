//! Covariances as tables hold them: the lower triangle, row by row. They may be singular, where a parameter is taken as known.

use super::linear::Matrix;

/// The lower triangle of a matrix.
pub fn packed(matrix: &Matrix) -> Vec<f64> {
    matrix.iter().enumerate().flat_map(|(row, cells)| cells.iter().take(row + 1).copied()).collect()
}

/// The side of a square whose lower triangle has `cells`.
pub fn triangle(cells: usize) -> Option<usize> {
    (0..=cells).find(|k| k * (k + 1) / 2 >= cells).filter(|k| k * (k + 1) / 2 == cells)
}

/// L with L·Lᵀ = the matrix of this lower triangle, row by row; nothing when it is no covariance. A parameter without
/// variance keeps its value.
pub fn cholesky(cells: &[f64], k: usize) -> Option<Vec<f64>> {
    let place = |row: usize, column: usize| row * (row + 1) / 2 + column;
    let mut factor = vec![0.0; cells.len()];
    for row in 0..k {
        for column in 0..=row {
            let done: f64 = (0..column).map(|i| factor[place(row, i)] * factor[place(column, i)]).sum();
            let left = cells[place(row, column)] - done;
            let largest = cells[place(row, row)].abs().max(1e-300);
            let pivot = factor[place(column, column)];
            factor[place(row, column)] = if row == column {
                if left < -1e-9 * largest {
                    return None;
                }
                left.max(0.0).sqrt()
            } else if pivot > 0.0 {
                left / pivot
            } else if left.abs() > 1e-9 * largest {
                return None;
            } else {
                0.0
            };
        }
    }
    Some(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_covariance_is_refused() {
        assert_eq!(cholesky(&[4.0, 2.0, 10.0], 2), Some(vec![2.0, 1.0, 3.0]));
        assert_eq!(cholesky(&[1.0, 2.0, 1.0], 2), None);
        assert_eq!(cholesky(&[0.0, 0.0, 1.0], 2), Some(vec![0.0, 0.0, 1.0]));
        assert_eq!(packed(&vec![vec![4.0, 2.0], vec![2.0, 10.0]]), [4.0, 2.0, 10.0]);
        assert_eq!((triangle(3), triangle(4), triangle(0)), (Some(2), None, Some(0)));
    }
}
