//! Repositories and APIs in which the next apply reaches a crash point.

use super::super::api::TestApi;
use super::super::env::TestEnv;
use super::{ARGS, REFRESH, forced};

/// A repository and an API in which the next apply reaches the crash point.
pub(super) type Scene = (TestEnv, TestApi);

pub(super) fn create() -> Scene {
    (TestEnv::with(&["a"]), TestApi::start())
}

pub(super) fn lost() -> Scene {
    let rules = ["lost-after:match=POST:create,times=1"];
    (TestEnv::with(&["a"]), TestApi::with_faults(&rules))
}

pub(super) fn unmade() -> Scene {
    let rules = ["lost-before:match=POST:create,times=1"];
    (TestEnv::with(&["a"]), TestApi::with_faults(&rules))
}

pub(super) fn cut_create() -> Scene {
    let scene = create();
    cut(&scene, "create.answered=return");
    scene
}

pub(super) fn applied() -> Scene {
    let (env, api) = create();
    env.run_at(&api.url(), &ARGS).code(0);
    (env, api)
}

pub(super) fn update() -> Scene {
    let (env, api) = applied();
    env.simulation("a", "description: changed");
    (env, api)
}

pub(super) fn replace() -> Scene {
    let (env, api) = applied();
    env.simulation("a", "agent_id: \"43\"");
    (env, api)
}

pub(super) fn delete() -> Scene {
    let (env, api) = applied();
    env.undeclare("a");
    (env, api)
}

pub(super) fn cut_delete() -> Scene {
    let scene = delete();
    cut(&scene, "delete.answered=return");
    scene
}

pub(super) fn rename() -> Scene {
    let (env, api) = applied();
    env.undeclare("a");
    env.simulation("b", "name: a");
    (env, api)
}

pub(super) fn adopt() -> Scene {
    let (env, api) = applied();
    env.remove("bluejay.lock");
    (env, api)
}

/// The create contains neither of these fields.
pub(super) fn create_all() -> Scene {
    let (env, api) = create();
    env.simulation("a", "tags: [x]\ndigital_humans: [102]");
    (env, api)
}

pub(super) fn exchange() -> Scene {
    let (env, api) = create();
    env.simulation("a", "digital_humans: [101]");
    env.run_at(&api.url(), &ARGS).code(0);
    env.simulation("a", "digital_humans: [102]");
    (env, api)
}

pub(super) fn gone() -> Scene {
    let (env, api) = applied();
    let id = env.ids()["a"];
    api.ask("DELETE", &format!("/v1/simulation/{id}"), None);
    (env, api)
}

/// Applies, and crashes at these points.
pub(super) fn cut((env, api): &Scene, points: &str) {
    let is_gone = !api
        .alive()
        .keys()
        .any(|id| env.ids().values().any(|own| own == id));
    let looks = is_gone && !env.ids().is_empty();
    let args: &[&str] = if looks { &REFRESH } else { &ARGS };
    env.crash_at(&api.url(), &forced(env, args), points);
}
