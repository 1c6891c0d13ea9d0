//! Decides whether a resource exists, from observations of the API.
//!
//! A 404 alone proves nothing: a read can miss a resource that the listing shows. Absence
//! is proved if the read and the listing agree twice, or once after the settle time.

/// The result of the listing for an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListingSays {
    /// The listing shows the id.
    Shown,
    /// The listing was read whole and does not show the id.
    NotShown,
    /// The listing could not be read.
    Unreadable,
}

/// The result of a read of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadSays {
    /// The resource was read.
    Found,
    /// The API answered 404.
    NotFound,
    /// The request failed in another way.
    Failed,
}

/// One observation of an id: a listing and a read of the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// The result of the listing.
    pub listing: ListingSays,
    /// The result of the read.
    pub read: ReadSays,
}

/// Whether a resource exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The resource was read.
    Present,
    /// The resource does not exist, or the key may not see it.
    Absent,
    /// The listing shows the resource, and the read does not find it.
    Contradictory,
    /// The observations prove neither.
    Unknown,
}

/// Decides from the observations of one id, the oldest first. With `is_settled`, the
/// settle time is over, and one agreement of read and listing proves absence.
#[must_use]
pub fn presence(observations: &[Observation], is_settled: bool) -> Presence {
    use {ListingSays::NotShown, ListingSays::Shown, ReadSays::Found, ReadSays::NotFound};
    let agrees = |observation: &&Observation| {
        (observation.listing, observation.read) == (NotShown, NotFound)
    };
    let agreements = observations.iter().rev().take_while(agrees).count();
    match observations.last() {
        Some(Observation { read: Found, .. }) => Presence::Present,
        Some(Observation {
            listing: Shown,
            read: NotFound,
        }) => Presence::Contradictory,
        _ if agreements >= if is_settled { 1 } else { 2 } => Presence::Absent,
        _ => Presence::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::ListingSays::{NotShown, Shown, Unreadable};
    use super::ReadSays::{Failed, Found, NotFound};
    use super::*;

    fn check(observed: &[(ListingSays, ReadSays)], is_settled: bool, expected: Presence) {
        let observations: Vec<_> = observed
            .iter()
            .map(|(listing, read)| Observation {
                listing: *listing,
                read: *read,
            })
            .collect();
        let decided = presence(&observations, is_settled);
        assert_eq!(decided, expected, "{observed:?}, settled: {is_settled}");
    }

    #[test]
    fn absence_takes_two_agreements_or_one_after_the_settle_time() {
        let agreement = (NotShown, NotFound);
        check(&[agreement], false, Presence::Unknown);
        check(&[agreement], true, Presence::Absent);
        check(&[agreement, agreement], false, Presence::Absent);
        check(
            &[agreement, (Shown, NotFound), agreement],
            false,
            Presence::Unknown,
        );
        for is_settled in [false, true] {
            check(&[], is_settled, Presence::Unknown);
            check(
                &[agreement, (NotShown, Failed)],
                is_settled,
                Presence::Unknown,
            );
            let unlisted = (Unreadable, NotFound);
            check(&[unlisted, unlisted], is_settled, Presence::Unknown);
        }
    }

    #[test]
    fn what_is_listed_and_not_found_is_a_contradiction() {
        for is_settled in [false, true] {
            check(&[(Shown, NotFound)], is_settled, Presence::Contradictory);
            check(
                &[(NotShown, NotFound), (Shown, NotFound)],
                is_settled,
                Presence::Contradictory,
            );
        }
    }

    #[test]
    fn what_can_be_read_exists_whatever_the_listing_says() {
        for listing in [Shown, NotShown, Unreadable] {
            check(
                &[(NotShown, NotFound), (listing, Found)],
                true,
                Presence::Present,
            );
        }
    }
}
