//! The root of a Python project, from what the event says of its own modules.
//!
//! A path alone does not tell where the project begins: `/x/y/shop/cart.py` may be `shop.cart` or
//! `y.shop.cart`. The name of the function that ran, or of the logger that spoke, does.

use cordon_event::{Event, attr};

use crate::model::{ExceptionLink, Frame, Language};

/// Attribute of the instrumentation scope that holds its name: of logs, the logger's.
const SCOPE_NAME: &str = "name";

/// Takes the machine's part off the frames whose file the event's own names place in a project.
pub(crate) fn place(event: &Event, language: Option<Language>, chain: &mut [ExceptionLink]) {
    if language != Some(Language::Python) {
        return;
    }
    let names: Vec<&str> = modules(event).collect();
    let own = |frame: &&Frame| frame.in_app;
    let frames = || chain.iter().flat_map(|link| &link.frames).filter(own);
    let root = frames().find_map(|frame| {
        let root = names
            .iter()
            .find_map(|name| frame.module.strip_suffix(name))?;
        let root = root.strip_suffix('.')?;
        Some(format!("{root}."))
    });
    let Some(root) = root else {
        return;
    };
    let depth = root.matches('.').count();
    for frame in chain.iter_mut().flat_map(|link| &mut link.frames) {
        let parts = frame.file.splitn(depth + 1, '/');
        let inside = frame.in_app && parts.clone().count() > depth;
        if let Some(module) = frame.module.strip_prefix(&root).filter(|_| inside) {
            frame.file = parts.last().unwrap_or_default().to_owned();
            frame.module = module.to_owned();
        }
    }
}

/// Dotted names of modules that the event gives: of its function, also where that is a method, and
/// of its logger. A name of one part places nothing: `api` is in every project.
fn modules(event: &Event) -> impl Iterator<Item = &str> {
    let function = event.attribute_str(attr::CODE_FUNCTION_NAME);
    let module = function.and_then(|name| name.rsplit_once('.'));
    let module = module.map(|(module, _)| module);
    let of_class = module.and_then(|name| name.rsplit_once('.'));
    let scope = event.scope.iter().find(|(key, _)| key == SCOPE_NAME);
    let logger = scope.and_then(|(_, name)| name.as_str());
    let names = [module, of_class.map(|(module, _)| module), logger];
    names
        .into_iter()
        .flatten()
        .filter(|name| name.contains('.'))
}

#[cfg(test)]
mod tests {
    use cordon_event::Value;

    use super::*;
    use crate::group_event;

    const TRACE: &str = "Traceback (most recent call last):
  File \"/x/deploy-7/shop/web/api.py\", line 3, in post
    total(cart)
  File \"/x/deploy-7/shop/cart.py\", line 9, in total
    return cart[\"sku\"]
KeyError: 'sku'
";

    fn event(function: Option<&str>, logger: Option<&str>) -> Event {
        let mut attributes = vec![(attr::EXCEPTION_STACKTRACE.to_owned(), TRACE.into())];
        let function = function.map(|f| (attr::CODE_FUNCTION_NAME.to_owned(), Value::from(f)));
        attributes.extend(function);
        let logger = logger.map(|name| (SCOPE_NAME.to_owned(), Value::from(name)));
        Event {
            attributes,
            scope: logger.into_iter().collect(),
            ..Event::default()
        }
    }

    #[test]
    fn the_events_own_names_tell_where_the_project_begins() {
        for (function, logger) in [
            (Some("shop.cart.total"), None),
            (Some("shop.web.api.View.post"), None),
            (None, Some("shop.web.api")),
        ] {
            let group = group_event(&event(function, logger));
            let places = group
                .frames
                .iter()
                .map(|f| (f.module.as_str(), f.file.as_str()));
            assert_eq!(
                places.collect::<Vec<_>>(),
                [
                    ("shop.cart", "shop/cart.py"),
                    ("shop.web.api", "shop/web/api.py")
                ],
                "{function:?} {logger:?}"
            );
        }
    }

    #[test]
    fn a_name_that_places_nothing_changes_nothing() {
        let as_is = group_event(&event(None, None));
        for logger in ["cart", "other.cart", "hop.cart"] {
            assert_eq!(group_event(&event(None, Some(logger))), as_is, "{logger}");
        }
    }
}
