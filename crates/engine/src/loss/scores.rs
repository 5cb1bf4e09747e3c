//! How alike all rows are, block by block, and the way back from ∂loss/∂scores to ∂loss/∂rows.

use super::rows::row_sums;
use crate::error::Result;
use tch::Tensor;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// From differences: equal rows are at distance 0, and near ones keep their digits; slow.
    ExactSquares,
    /// ‖a‖² + ‖b‖² − 2aᵀb, for what does not divide by a distance.
    Squares,
    Product,
}

pub struct Scores {
    rows: Tensor,
    measure: Measure,
    gradient: Tensor,
}

impl Scores {
    pub fn new(rows: &Tensor, measure: Measure) -> Result<Self> {
        let gradient = rows.f_zeros_like()?;
        let rows = match measure {
            Measure::Product => rows.shallow_clone(),
            // Distances do not change, and sums of differences lose fewer digits about the mean.
            Measure::ExactSquares | Measure::Squares => {
                rows.f_sub(&rows.f_mean_dim([0i64].as_slice(), true, None)?)?
            }
        };
        Ok(Self { rows, measure, gradient })
    }

    /// `[count, n]`: rows `start …` with all rows.
    pub fn block(&self, start: i64, count: i64) -> Result<Tensor> {
        let block = self.rows.f_narrow(0, start, count)?;
        Ok(match self.measure {
            Measure::Product => block.f_matmul(&self.rows.f_tr()?)?,
            // Mode 2 takes differences.
            Measure::ExactSquares => Tensor::f_cdist(&block, &self.rows, 2.0, 2)?.f_square_()?,
            Measure::Squares => {
                let squares = row_sums(&self.rows.f_square()?)?;
                let sums = squares.f_narrow(0, start, count)?.f_add(&squares.f_tr()?)?;
                let products = block.f_matmul(&self.rows.f_tr()?)?;
                sums.f_sub(&products.f_mul_scalar(2.0)?)?.f_clamp_min(0.0)?
            }
        })
    }

    /// Adds what `by` = ∂loss/∂block says of the rows.
    pub fn add(&mut self, start: i64, by: &Tensor) -> Result<()> {
        let count = by.size()[0];
        let block = self.rows.f_narrow(0, start, count)?;
        let across = by.f_tr()?;
        let mut own = self.gradient.f_narrow(0, start, count)?;
        if self.measure == Measure::Product {
            let _ = own.f_addmm_(by, &self.rows)?;
            let _ = self.gradient.f_addmm_(&across, &block)?;
            return Ok(());
        }
        let there = block.f_mul(&row_sums(by)?)?.f_sub_(&by.f_matmul(&self.rows)?)?;
        let _ = own.f_add_(&there.f_mul_scalar(2.0)?)?;
        let back = self.rows.f_mul(&row_sums(&across)?)?.f_sub_(&across.f_matmul(&block)?)?;
        let _ = self.gradient.f_add_(&back.f_mul_scalar(2.0)?)?;
        Ok(())
    }

    pub fn gradient(self) -> Tensor {
        self.gradient
    }
}
