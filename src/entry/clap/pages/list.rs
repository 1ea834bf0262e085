//! Pages for the knobs of a controller: a page for each group of the piece, in the order of the text. Pure.

use csound_export::numeric_id;

/// Knobs of a page.
pub(super) const KNOBS: usize = 8;

/// A parameter that can stand on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Knob {
    /// The number by which hosts know it.
    pub id: u32,
    /// Its group in the piece, of which the parts have `/` between them; often empty.
    pub group: String,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub id: u32,
    /// What stands above several pages.
    pub section: String,
    pub name: String,
    /// Its knobs, at most [`KNOBS`].
    pub knobs: Vec<u32>,
}

/// The section of the piece's own pages, and the name of the one for channels without a group.
const CHANNELS: &str = "Channels";

/// The section and the name of the page of the performance.
const PERFORMANCE: &str = "Performance";

/// The pages of the piece's channels, then one of the performance.
pub(super) fn pages(channels: &[Knob], performance: &[u32]) -> Vec<Page> {
    let mut groups: Vec<(&str, Vec<u32>)> = Vec::new();
    for Knob { id, group } in channels {
        match groups.iter_mut().find(|(known, _)| known == group) {
            Some((_, ids)) => ids.push(*id),
            None => groups.push((group, vec![*id])),
        }
    }
    let mut pages = Vec::new();
    for (group, ids) in groups {
        let name = if group.trim().is_empty() { CHANNELS } else { group };
        add(&mut pages, CHANNELS, name, &ids);
    }
    add(&mut pages, PERFORMANCE, PERFORMANCE, performance);
    pages
}

/// Adds as many pages as the knobs of a group need.
fn add(pages: &mut Vec<Page>, section: &str, name: &str, knobs: &[u32]) {
    for (index, knobs) in knobs.chunks(KNOBS).enumerate() {
        let name = if index == 0 { name.to_owned() } else { format!("{name} {}", index + 1) };
        // A host may keep it, so it is the name's. Two names of one number are told apart by their order.
        let mut id = numeric_id(&format!("{section}/{name}"));
        while pages.iter().any(|page| page.id == id) {
            id = (id + 1) & (u32::MAX >> 1);
        }
        pages.push(Page { id, section: section.to_owned(), name, knobs: knobs.to_vec() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knobs(groups: &[&str]) -> Vec<Knob> {
        groups.iter().zip(1..).map(|(group, id)| Knob { id, group: (*group).to_owned() }).collect()
    }

    #[test]
    fn each_group_has_a_page_and_a_large_one_several() {
        let mut groups = vec!["Filter", "", "Filter", "Env/Amp"];
        groups.extend([""; 9]);
        let all = pages(&knobs(&groups), &[90, 91]);
        let shown: Vec<_> = all.iter().map(|page| (page.name.as_str(), page.knobs.clone())).collect();
        let expected = [
            ("Filter", vec![1, 3]),
            ("Channels", vec![2, 5, 6, 7, 8, 9, 10, 11]),
            ("Channels 2", vec![12, 13]),
            ("Env/Amp", vec![4]),
            ("Performance", vec![90, 91]),
        ];
        assert_eq!(shown, expected);
        assert_eq!(pages(&[], &[]), []);
    }

    #[test]
    fn pages_are_told_apart_whatever_groups_are_called() {
        // The second page of a group, and a group of that name.
        let mut groups = vec!["A"; 9];
        groups.extend(["A 2", "Channels", "", "Performance"]);
        let all = pages(&knobs(&groups), &[90]);
        let mut ids: Vec<_> = all.iter().map(|page| page.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
        assert_eq!(all.iter().map(|page| page.knobs.len()).sum::<usize>(), groups.len() + 1);
        // Another piece with the group has it under the same number.
        let other = pages(&knobs(&["B", "A"]), &[]);
        assert_eq!(other[1].id, all[0].id);
    }
}
