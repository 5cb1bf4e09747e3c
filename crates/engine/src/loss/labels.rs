//! What class each row is of, on the host, and how rows relate to each other, on the device.

use crate::error::{Code, Error, Result};
use npair_torch_ext::upload;
use std::collections::HashMap;
use tch::{Device, Kind, Tensor};

/// Labels of rows.
#[derive(Debug, Clone)]
pub enum Labels {
    /// One a row; none at all where the order of the rows says everything.
    One(Vec<i32>),
    /// Any number a row.
    Many(Vec<Vec<i32>>),
}

impl Labels {
    pub fn none() -> Self {
        Self::One(vec![])
    }

    /// `offsets` empty: one label a row; else row i has `flat[offsets[i]..offsets[i + 1]]`.
    pub fn new(flat: &[i32], offsets: &[i32]) -> Result<Self> {
        if offsets.is_empty() {
            return Ok(Self::One(flat.to_vec()));
        }
        let row = |ends: &[i32]| flat.get(ends[0] as usize..ends[1] as usize).map(<[i32]>::to_vec);
        let rows: Option<Vec<_>> = offsets.windows(2).map(row).collect();
        let wrong = || Error::new(Code::InvalidOption, "offsets of labels must rise, within the labels");
        rows.map(Self::Many).ok_or_else(wrong)
    }

    /// One label a row, for losses that know no others.
    pub fn one(&self, rows: i64) -> Result<&[i32]> {
        match self {
            Self::One(labels) if labels.len() as i64 == rows => Ok(labels),
            Self::One(labels) => {
                let text = format!("{rows} rows need {rows} labels, not {}", labels.len());
                Err(Error::new(Code::InvalidOption, text))
            }
            Self::Many(_) => Err(Error::new(Code::InvalidOption, "this loss takes one label a row")),
        }
    }

    /// Of rows in the order of pairs, N anchors and their N positives: those of the anchors, or where none are given numbers
    /// that all differ.
    pub fn of_pairs(&self, pairs: i64) -> Result<Self> {
        let half = |given: usize| {
            let text = format!("{} rows need as many labels, not {given}", 2 * pairs);
            if given as i64 == 2 * pairs { Ok(()) } else { Err(Error::new(Code::InvalidOption, text)) }
        };
        Ok(match self {
            Self::One(labels) if labels.is_empty() => Self::One((0..pairs as i32).collect()),
            Self::One(labels) => half(labels.len()).map(|()| Self::One(labels[..pairs as usize].to_vec()))?,
            Self::Many(sets) => half(sets.len()).map(|()| Self::Many(sets[..pairs as usize].to_vec()))?,
        })
    }

    /// Whether no two rows share a label.
    pub fn differ(&self) -> bool {
        match self {
            Self::One(labels) => rows_of(labels).len() == labels.len(),
            Self::Many(_) => false,
        }
    }

    /// Rows · labels, 1 where the row has the label, else labels `[rows]`: what `overlap` compares.
    fn upload(&self, kind: Kind, device: Device) -> Result<Tensor> {
        match self {
            Self::One(labels) => Ok(upload(&Tensor::f_from_slice(labels)?, device)?),
            Self::Many(sets) => {
                let width = sets.iter().flatten().max().map_or(0, |&most| most as usize + 1);
                let mut table = vec![0f32; sets.len() * width];
                for (row, set) in sets.iter().enumerate() {
                    for &label in set {
                        table[row * width + label as usize] = 1.0;
                    }
                }
                let table = Tensor::f_from_slice(&table)?.f_reshape([sets.len() as i64, width as i64])?;
                Ok(upload(&table.f_to_kind(kind)?, device)?)
            }
        }
    }
}

/// The rows of each label.
pub fn rows_of(labels: &[i32]) -> HashMap<i32, Vec<i64>> {
    let mut rows: HashMap<i32, Vec<i64>> = HashMap::new();
    for (row, &label) in labels.iter().enumerate() {
        rows.entry(label).or_default().push(row as i64);
    }
    rows
}

/// For each row the other rows of its class, in order.
pub fn positives_of(labels: &[i32]) -> Vec<Vec<i64>> {
    let rows = rows_of(labels);
    let others =
        |(row, label): (usize, &i32)| rows[label].iter().copied().filter(|&other| other != row as i64).collect();
    labels.iter().enumerate().map(others).collect()
}

/// How rows relate to all rows, block by block.
pub struct Overlap {
    labels: Tensor,
    many: bool,
    kind: Kind,
}

impl Overlap {
    pub fn new(labels: &Labels, kind: Kind, device: Device) -> Result<Self> {
        Ok(Self { labels: labels.upload(kind, device)?, many: matches!(labels, Labels::Many(_)), kind })
    }

    /// `[count, rows]`: how many labels row `start + i` and row j share.
    pub fn block(&self, start: i64, count: i64) -> Result<Tensor> {
        let block = self.labels.f_narrow(0, start, count)?;
        if self.many {
            return Ok(block.f_matmul(&self.labels.f_tr()?)?);
        }
        Ok(block.f_unsqueeze(1)?.f_eq_tensor(&self.labels.f_unsqueeze(0)?)?.f_to_kind(self.kind)?)
    }
}
