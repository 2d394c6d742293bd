//! Any edits of any document give JSON again, and never more members than there were plus those that came.
#![no_main]

use bauta::payload::document::{Document, Node};
use bauta::payload::edit::{Edits, Fill, Priority, Spliced, splice};
use bauta::payload::scan::{Limits, Shape};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // Instructions in front of the text: one byte says how many, each takes two.
    let Some((count, rest)) = data.split_first() else { return };
    let Some((instructions, text)) = rest.split_at_checked(usize::from(*count % 16) * 2) else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let Ok(document) = Document::read_text(text.to_owned(), &Limits::default()) else { return };

    let mut edits = Edits::new();
    for pair in instructions.chunks_exact(2) {
        let index = usize::from(pair[0]) % document.tokens().len();
        let node = document.node(u32::try_from(index).unwrap());
        edit(&mut edits, node, document.tokens()[index].shape, pair[1]);
    }
    edits.repair_surrogates(&document);
    if let Spliced::Edited(bytes) = splice(&document, &edits) {
        let text = String::from_utf8(bytes).expect("UTF-8 stays UTF-8");
        let again = Document::read_text(text, &Limits::default()).expect("JSON stays JSON");
        assert!(again.lone_surrogates().is_empty(), "repaired");
    }
});

fn edit(edits: &mut Edits, node: Node<'_>, shape: Shape, how: u8) {
    let priority = if how & 1 == 0 { Priority::Scrub } else { Priority::Identity };
    match (how >> 1) % 5 {
        0 if matches!(shape, Shape::Text | Shape::Key) => edits.add(node.span(), Fill::Text("\"*\\\u{1}".into()), 0),
        1 if shape != Shape::Key => edits.replace(node, Fill::Quoted("new".into()), priority),
        2 if shape == Shape::Object => {
            if let Some((key, _)) = node.members().nth(usize::from(how >> 4)) {
                edits.remove_member(node, key, priority);
            }
        }
        3 if shape == Shape::Array => {
            if let Some(element) = node.elements().nth(usize::from(how >> 4)) {
                edits.remove_element(node, element, priority);
            }
        }
        4 if shape == Shape::Object => edits.insert_member(node, "\"userId\":\"ua_x\"".to_owned()),
        _ => {}
    }
}
