//! What an insured must use to be in scope of an event: a boolean expression over products.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::fault::Failure;

/// `"vendor/product"`, `"$name"` (a condition under `define`), `{ all = […] }`, `{ any = […] }` or `{ not = … }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "toml::Value", into = "toml::Value")]
pub enum Condition {
    /// The insured uses this product.
    Product(String),
    /// A condition that the event file defines under this name.
    Named(String),
    /// Every one holds.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
}

impl TryFrom<toml::Value> for Condition {
    type Error = String;

    fn try_from(value: toml::Value) -> Result<Condition, String> {
        let list = |value: toml::Value, word: &str| match value {
            toml::Value::Array(items) if !items.is_empty() => items.into_iter().map(Condition::try_from).collect(),
            _ => Err(format!("`{word}` takes a list of at least one condition")),
        };
        match value {
            toml::Value::String(name) => Ok(match name.strip_prefix('$') {
                Some(defined) => Condition::Named(defined.to_string()),
                None => Condition::Product(name),
            }),
            toml::Value::Table(table) if table.len() == 1 => {
                let (word, value) = table.into_iter().next().ok_or("an empty condition")?;
                match word.as_str() {
                    "all" => list(value, "all").map(Condition::All),
                    "any" => list(value, "any").map(Condition::Any),
                    "not" => Ok(Condition::Not(Box::new(Condition::try_from(value)?))),
                    other => Err(format!("unknown condition `{other}`, expected one of `all`, `any`, `not`")),
                }
            }
            other => Err(format!("a condition is a product id, \"$name\", or one of all, any, not; found {other}")),
        }
    }
}

impl From<Condition> for toml::Value {
    fn from(condition: Condition) -> toml::Value {
        let single = |word: &str, value| toml::Value::Table([(word.to_string(), value)].into_iter().collect());
        let list = |items: Vec<Condition>| toml::Value::Array(items.into_iter().map(toml::Value::from).collect());
        match condition {
            Condition::Product(id) => toml::Value::String(id),
            Condition::Named(name) => toml::Value::String(format!("${name}")),
            Condition::All(items) => single("all", list(items)),
            Condition::Any(items) => single("any", list(items)),
            Condition::Not(item) => single("not", (*item).into()),
        }
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let item = generator.subschema_for::<Condition>();
        json_schema!({ "oneOf": [
            { "type": "string", "description": "Product id, or $name of a condition under `define`" },
            { "type": "object", "properties": { "all": { "type": "array", "minItems": 1, "items": item } }, "required": ["all"], "additionalProperties": false },
            { "type": "object", "properties": { "any": { "type": "array", "minItems": 1, "items": item } }, "required": ["any"], "additionalProperties": false },
            { "type": "object", "properties": { "not": item }, "required": ["not"], "additionalProperties": false },
        ] })
    }
}

/// Names under `define` that may lead to each other.
const MAX_DEPTH: usize = 16;

/// Products that one condition may name: its truth table is walked row by row.
const MAX_PRODUCTS: usize = 16;

impl Condition {
    /// The condition with every `$name` replaced by what it stands for.
    ///
    /// # Errors
    /// When a name is not defined, or stands for itself by way of others.
    pub fn resolve(&self, define: &BTreeMap<String, Condition>) -> Result<Condition, Failure> {
        let resolved = self.resolve_within(define, &mut Vec::new())?;
        define.values().try_for_each(|own| own.resolve_within(define, &mut Vec::new()).map(|_| ()))?;
        Ok(resolved)
    }

    fn resolve_within(
        &self,
        define: &BTreeMap<String, Condition>,
        path: &mut Vec<String>,
    ) -> Result<Condition, Failure> {
        let each = |items: &[Condition], path: &mut Vec<String>| -> Result<Vec<Condition>, Failure> {
            items.iter().map(|item| item.resolve_within(define, path)).collect()
        };
        Ok(match self {
            Condition::Product(id) => Condition::Product(id.clone()),
            Condition::All(items) => Condition::All(each(items, path)?),
            Condition::Any(items) => Condition::Any(each(items, path)?),
            Condition::Not(item) => Condition::Not(Box::new(item.resolve_within(define, path)?)),
            Condition::Named(name) => {
                if path.contains(name) {
                    let cycle = path.iter().chain([name]).map(|n| format!("${n}")).collect::<Vec<_>>().join(" → ");
                    return Err(Failure::new(format!("the condition stands for itself: {cycle}"))
                        .hint("take one of the references out of `define`"));
                }
                let condition = define.get(name).ok_or_else(|| {
                    let hint = crate::fault::did_you_mean(name, define.keys().map(String::as_str));
                    Failure::new(format!("\"${name}\" is not under `define`")).hint(hint)
                })?;
                if path.len() >= MAX_DEPTH {
                    return Err(Failure::new(format!(
                        "more than {MAX_DEPTH} conditions under `define` lead to each other"
                    )));
                }
                path.push(name.clone());
                let resolved = condition.resolve_within(define, path)?;
                path.pop();
                resolved
            }
        })
    }

    /// The products it names, each once, by id.
    pub fn products(&self) -> BTreeSet<&str> {
        match self {
            Condition::Product(id) => BTreeSet::from([id.as_str()]),
            Condition::Named(_) => BTreeSet::new(),
            Condition::All(items) | Condition::Any(items) => items.iter().flat_map(Condition::products).collect(),
            Condition::Not(item) => item.products(),
        }
    }

    /// Whether `not` stands anywhere in it.
    pub fn has_not(&self) -> bool {
        match self {
            Condition::Product(_) | Condition::Named(_) => false,
            Condition::All(items) | Condition::Any(items) => items.iter().any(Condition::has_not),
            Condition::Not(_) => true,
        }
    }

    /// Whether it holds when `uses` says which products are used.
    pub fn holds(&self, uses: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Condition::Product(id) => uses(id),
            Condition::Named(_) => false,
            Condition::All(items) => items.iter().all(|item| item.holds(uses)),
            Condition::Any(items) => items.iter().any(|item| item.holds(uses)),
            Condition::Not(item) => !item.holds(uses),
        }
    }

    /// The sets of used products for which it holds, one bit a product in the order of [`Condition::products`].
    ///
    /// # Errors
    /// When it names too many products, can never hold, or always holds.
    pub fn models(&self) -> Result<Vec<u32>, Failure> {
        let products: Vec<&str> = self.products().into_iter().collect();
        if products.len() > MAX_PRODUCTS {
            return Err(Failure::new(format!(
                "the condition names {} products; at most {MAX_PRODUCTS} can be",
                products.len()
            )));
        }
        let uses =
            |set: u32| move |id: &str| products.iter().position(|p| *p == id).is_some_and(|at| set >> at & 1 == 1);
        let all = 1u32 << self.products().len();
        let models: Vec<u32> = (0..all).filter(|set| self.holds(&uses.clone()(*set))).collect();
        match models.len() {
            0 => Err(Failure::new("the condition contradicts itself: no insured can ever meet it")
                .hint("look for a product that is both required and under `not`")),
            n if n == all as usize => Err(Failure::new("the condition holds for everybody, whatever they use")
                .hint("look for a product that stands beside its own `not` under `any`")),
            _ => Ok(models),
        }
    }

    /// For reading: `Mimecast Email Security and Microsoft 365`.
    pub fn words(&self, name: &dyn Fn(&str) -> String) -> String {
        let joined = |items: &[Condition], word: &str| {
            let part = |item: &Condition| match item {
                Condition::All(_) | Condition::Any(_) => format!("({})", item.words(name)),
                _ => item.words(name),
            };
            items.iter().map(part).collect::<Vec<_>>().join(word)
        };
        match self {
            Condition::Product(id) => name(id),
            Condition::Named(defined) => format!("${defined}"),
            Condition::All(items) => joined(items, " and "),
            Condition::Any(items) => joined(items, " or "),
            Condition::Not(item) => format!("not {}", joined(std::slice::from_ref(item), "")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(text: &str) -> Condition {
        #[derive(Deserialize)]
        struct File {
            requires: Condition,
        }
        toml::from_str::<File>(&format!("requires = {text}")).unwrap().requires
    }

    #[test]
    fn a_condition_names_its_products_and_its_models() {
        let both = condition(r#"{ all = ["a/x", { not = "b/y" }] }"#);
        assert_eq!(both.products().into_iter().collect::<Vec<_>>(), ["a/x", "b/y"]);
        assert_eq!(both.models().unwrap(), [0b01]);
        assert_eq!(both.words(&|id| id.to_string()), "a/x and not b/y");
    }

    #[test]
    fn a_contradiction_and_a_tautology_are_refused() {
        assert!(condition(r#"{ all = ["a/x", { not = "a/x" }] }"#).models().is_err());
        assert!(condition(r#"{ any = ["a/x", { not = "a/x" }] }"#).models().is_err());
    }

    #[test]
    fn a_cycle_of_names_is_refused_and_shown() {
        let define = BTreeMap::from([
            ("p".to_string(), condition(r#"{ not = "$q" }"#)),
            ("q".to_string(), condition(r#""$p""#)),
        ]);
        let failure = condition(r#""$p""#).resolve(&define).unwrap_err();
        assert!(failure.message.contains("$p → $q → $p"), "{failure}");
    }
}
