use npair_engine::{Code, Error, Result};

/// Numbers cross as f64 and are checked here: napi's own conversions turn −1.5 into 4294967295 silently.
pub(crate) fn integer<T: TryFrom<i64>>(name: &str, value: f64) -> Result<T> {
    let whole = (value.fract() == 0.0 && value.abs() < 9e15).then_some(value as i64);
    whole.and_then(|whole| T::try_from(whole).ok()).ok_or_else(|| {
        Error::new(
            Code::InvalidOption,
            format!("Expected an integer in range for {name} but received {value} of type number"),
        )
    })
}
