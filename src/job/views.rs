//! Compares what two answers show of the same thing.

use jiff::{Unit, civil::DateTime};
use serde::Serialize;
use serde_json::Value;

/// Says in which member two views of a thing differ, if they do; each comes with the place where it is
/// shown. The members that `ignored` names may differ.
pub(super) fn difference<T: Serialize>(
    (here, a): (&str, &T),
    (there, b): (&str, &T),
    ignored: &[&str],
) -> Option<String> {
    let (mut a, mut b) = (as_json(a), as_json(b));
    for name in ignored {
        for members in [&mut a, &mut b]
            .into_iter()
            .filter_map(Value::as_object_mut)
        {
            members.remove(*name);
        }
    }
    let (name, a, b) = differing("", &a, &b)?;
    Some(format!("{name} is {a} {here}, but {b} {there}"))
}

fn as_json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// The first member that differs, with its name; names of nested members are joined with dots.
fn differing<'v>(name: &str, a: &'v Value, b: &'v Value) -> Option<(String, &'v Value, &'v Value)> {
    let (Value::Object(left), Value::Object(right)) = (a, b) else {
        return (a != b && !is_same_time(a, b)).then(|| (name.to_owned(), a, b));
    };
    let names = left
        .keys()
        .chain(right.keys().filter(|name| !left.contains_key(*name)));
    names.into_iter().find_map(|member| {
        let name = match name {
            "" => member.clone(),
            name => format!("{name}.{member}"),
        };
        let value = |members: &'v serde_json::Map<String, Value>| {
            members.get(member).unwrap_or(&Value::Null)
        };
        differing(&name, value(left), value(right))
    })
}

/// Whether both are the same naive time, one of them without its fraction of a second: a database may keep
/// whole seconds, and the answer to a job's creation may come from before that.
fn is_same_time(a: &Value, b: &Value) -> bool {
    let time = |value: &Value| value.as_str()?.parse::<DateTime>().ok();
    let (Some(a), Some(b)) = (time(a), time(b)) else {
        return false;
    };
    let whole = |time: DateTime, other: DateTime| {
        let rounded = other.round(Unit::Second);
        time.subsec_nanosecond() == 0
            && (other.with().subsec_nanosecond(0).build().ok() == Some(time)
                || rounded.ok() == Some(time))
    };
    whole(a, b) || whole(b, a)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_may_lack_its_fraction_but_differ_in_nothing_else() {
        let differs = |a: &str, b: &str| {
            let view = |date: &str| json!({ "date_created": date });
            difference(("here", &view(a)), ("there", &view(b)), &[]).is_some()
        };
        let exact = "2026-11-23T06:56:18.638737";
        for same in [exact, "2026-11-23T06:56:18", "2026-11-23T06:56:19"] {
            assert!(!differs(exact, same), "{same}");
            assert!(!differs(same, exact), "{same}");
        }
        for other in [
            "2026-11-23T06:56:20",
            "2026-11-23T06:56:18.5",
            "2026-11-23T07:56:18",
            "yesterday",
        ] {
            assert!(differs(exact, other), "{other}");
        }
    }
}
