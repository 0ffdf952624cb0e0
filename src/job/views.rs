//! Compares what two answers show of the same thing.

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
        return (a != b).then(|| (name.to_owned(), a, b));
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
