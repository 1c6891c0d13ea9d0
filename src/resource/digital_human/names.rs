//! The names of fields that the table or the rules of a digital human use more than once.

/// The title of the test case.
pub(super) const TEST_NAME: &str = "test_name";
/// The answers to certain phrases.
pub(super) const SCRIPTED_RESPONSES: &str = "scripted_responses";
/// Whether the order of [`SCRIPTED_RESPONSES`] counts.
pub(super) const SCRIPTED_RESPONSES_ORDERED: &str = "scripted_responses_ordered";
/// The pause before the caller speaks.
pub(super) const ENDPOINTING_DELAY: &str = "endpointing_delay";
/// The task of the caller.
pub(super) const INTENT: &str = "intent";
/// The kind of caller.
pub(super) const TAG: &str = "tag";
/// The background noise.
pub(super) const BACKGROUND_NOISE: &str = "background_noise";
/// The address of a background noise of one's own.
pub(super) const CUSTOM_NOISE_URL: &str = "custom_background_noise_url";
/// The first words.
pub(super) const SPEAKS_FIRST_CONFIG: &str = "speaks_first_config";
/// The steps of a journey.
pub(super) const JOURNEY_STEPS: &str = "journey_steps";
/// The transcript to replay, as a text.
pub(super) const ORIGINAL_TRANSCRIPT: &str = "original_transcript";
/// The transcript to replay, as a list.
pub(super) const FORMATTED_TRANSCRIPT: &str = "formatted_transcript";
/// The turns to play back.
pub(super) const ENRICHED_PLAYBACK: &str = "enriched_playback";
/// The number of a step of a journey.
pub(super) const STEP: &str = "step";
/// How the first words are made.
pub(super) const MODE: &str = "mode";
/// The first words.
pub(super) const MESSAGE: &str = "message";
