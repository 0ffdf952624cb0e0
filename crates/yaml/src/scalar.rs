//! The values of scalars.

use std::sync::LazyLock;

use jiff::civil;
use num_bigint::BigInt;
use regex_lite::{Captures, Regex};

use crate::{
    resolve::{BINARY, BOOL, FLOAT, INT, NULL, STR, TIMESTAMP},
    value::Value,
};

/// How many decimal digits Python reads as a number.
const LONGEST_INT: usize = 4300;

/// The name in messages of what scalars with this tag are; `None` if no scalar has it.
pub(crate) fn name(tag: &str) -> Option<&'static str> {
    Some(match tag {
        NULL => "null",
        STR => "text",
        BOOL => "boolean",
        INT => "integer",
        FLOAT => "float",
        TIMESTAMP => "date",
        BINARY => "base64",
        _ => return None,
    })
}

/// The value of a scalar with this tag, if its text is one.
pub(crate) fn value(tag: &str, text: &str) -> Option<Value> {
    match tag {
        NULL => Some(Value::Null),
        STR => Some(Value::Text(text.to_owned())),
        BOOL => bool(text),
        INT => int(text).map(Value::Int),
        FLOAT => float(text).map(Value::Float),
        TIMESTAMP => timestamp(text),
        BINARY => base64(text).map(Value::Bytes),
        _ => None,
    }
}

fn bool(text: &str) -> Option<Value> {
    match text.to_lowercase().as_str() {
        "yes" | "true" | "on" => Some(Value::Bool(true)),
        "no" | "false" | "off" => Some(Value::Bool(false)),
        _ => None,
    }
}

/// The sign, and the rest without `_`.
fn signed(text: &str) -> (bool, String) {
    let text = text.replace('_', "");
    let is_negative = text.starts_with('-');
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    (is_negative, digits.to_owned())
}

fn int(text: &str) -> Option<BigInt> {
    let (is_negative, digits) = signed(text);
    let parse = |digits: &str, radix| {
        let digits = digits.trim();
        let too_long = radix == 10 && digits.len() > LONGEST_INT;
        BigInt::parse_bytes(digits.as_bytes(), radix).filter(|_| !too_long)
    };
    let value = if digits == "0" {
        BigInt::ZERO
    } else if let Some(digits) = digits.strip_prefix("0b") {
        parse(digits, 2)?
    } else if let Some(digits) = digits.strip_prefix("0x") {
        parse(digits, 16)?
    } else if let Some(octal) = digits.strip_prefix("0o").or(digits.strip_prefix("0O")) {
        parse(octal, 8).filter(|_| !octal.starts_with(['-', '+']))?
    } else if digits.starts_with('0') {
        parse(&digits, 8)?
    } else if digits.contains(':') {
        let mut parts = digits.split(':').map(|part| parse(part, 10));
        parts.try_fold(BigInt::ZERO, |sum, part| Some(sum * 60 + part?))?
    } else {
        parse(&digits, 10)?
    };
    Some(if is_negative { -value } else { value })
}

fn float(text: &str) -> Option<f64> {
    let (is_negative, digits) = signed(&text.to_lowercase());
    let value = match digits.as_str() {
        ".inf" => f64::INFINITY,
        ".nan" => return Some(f64::NAN),
        digits if digits.contains(':') => {
            // The order of the sums decides the last bits.
            let parts = digits
                .rsplit(':')
                .map(|part| part.trim().parse::<f64>().ok());
            let mut base = 1.0;
            let mut value = 0.0;
            for part in parts {
                value += part? * base;
                base *= 60.0;
            }
            value
        }
        digits => digits.trim().parse().ok()?,
    };
    Some(if is_negative { -value } else { value })
}

static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^([0-9]{4})-([0-9][0-9]?)-([0-9][0-9]?)
        (?:(?:[Tt]|[\ \t]+)([0-9][0-9]?):([0-9]{2}):([0-9]{2})(?:\.([0-9]*))?
        (?:[\ \t]*(Z|([-+])([0-9][0-9]?)(?::([0-9]{2}))?))?)?$",
    )
    .ok()
});

fn timestamp(text: &str) -> Option<Value> {
    let found = DATE.as_ref()?.captures(text)?;
    let year: i16 = number(&found, 1)?;
    let date = civil::Date::new(year, number(&found, 2)?, number(&found, 3)?).ok()?;
    if year == 0 {
        return None;
    }
    if found.get(4).is_none() {
        return Some(Value::Date(date));
    }
    let fraction = found.get(7).map_or("", |digits| digits.as_str());
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let nanos = micros.parse::<i32>().ok()? * 1000;
    let time = civil::Time::new(
        number(&found, 4)?,
        number(&found, 5)?,
        number(&found, 6)?,
        nanos,
    );
    let offset = match (found.get(8), found.get(9)) {
        (None, _) => None,
        (Some(_), None) => Some(0),
        (Some(_), Some(sign)) => {
            let minutes = found.get(11).map_or(Some(0), |_| number(&found, 11))?;
            let seconds = number::<i32>(&found, 10)? * 3600 + minutes * 60;
            if seconds >= 24 * 3600 {
                return None;
            }
            Some(if sign.as_str() == "-" {
                -seconds
            } else {
                seconds
            })
        }
    };
    Some(Value::DateTime(date.to_datetime(time.ok()?), offset))
}

fn number<T: std::str::FromStr>(found: &Captures<'_>, group: usize) -> Option<T> {
    found.get(group)?.as_str().parse().ok()
}

/// Base64 as Python decodes it: other characters do not count, and the padding ends it.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count, mut padding) = (0_u32, 0, 0);
    for c in text.chars() {
        let digit = match c {
            'A'..='Z' => u32::from(c) - u32::from('A'),
            'a'..='z' => u32::from(c) - u32::from('a') + 26,
            '0'..='9' => u32::from(c) - u32::from('0') + 52,
            '+' => 62,
            '/' => 63,
            '=' if count >= 2 => {
                padding += 1;
                if count + padding >= 4 {
                    return Some(bytes);
                }
                continue;
            }
            _ if c.is_ascii() => continue,
            _ => return None,
        };
        padding = 0;
        bits = (bits << 6 | digit) & 0xff_ffff;
        count = (count + 1) % 4;
        let byte = match count {
            1 => continue,
            2 => bits >> 4,
            3 => bits >> 2,
            _ => bits,
        };
        bytes.extend(byte.to_le_bytes().first());
    }
    (count == 0).then_some(bytes)
}
