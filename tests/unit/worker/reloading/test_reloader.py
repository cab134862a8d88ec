"""When changed files are loaded, and what is said of those that are of no use."""

import asyncio
from pathlib import Path

import pytest

from worker.configuration_error import ConfigurationError
from worker.observability.metrics.labels import ReloadOutcome
from worker.reloading.reloadable import NotReloaded, Reloadable, in_thread
from worker.reloading.reloader import RETRY_SECONDS, Reloader

FILE, PASSWORD, OTHER = Path("/signer.p12"), Path("/password"), Path("/other.p12")
REPLACED, REFUSED = ReloadOutcome.REPLACED, ReloadOutcome.REFUSED


class Files:
    """Files by their stamps, and what loading them raises."""

    def __init__(self):
        self.stamps = {FILE: (1,), PASSWORD: (1,), OTHER: (1,)}
        self.loaded, self.outcomes, self.time, self.slept = [], [], 0.0, []
        self.trouble = {}
        self.reloader = Reloader(
            [
                Reloadable("signers.a", (FILE, PASSWORD), self.load("a"), "signers", "a"),
                Reloadable("systems.x.file", (OTHER,), self.load("x"), "x"),
            ],
            before=dict(self.stamps),
            every=10.0,
            sleep=self.sleep,
            monotonic=lambda: self.time,
            stamps=lambda paths: {path: self.stamps[path] for path in paths},
            ended=self.outcomes.append,
        )

    def load(self, name):
        async def reload():
            self.loaded.append(name)
            if name in self.trouble:
                raise self.trouble[name]

        return reload

    async def sleep(self, seconds):
        self.slept.append(seconds)
        if len(self.slept) > 2:
            raise asyncio.CancelledError


@pytest.fixture
def files():
    return Files()


async def test_what_has_not_changed_is_not_loaded(files):
    await files.reloader.look()
    assert files.loaded == []
    assert files.reloader.warnings() == []


@pytest.mark.parametrize("changed", [FILE, PASSWORD])
async def test_what_has_changed_is_loaded_once_and_alone(files, changed):
    files.stamps[changed] = (2,)
    for _ in range(3):
        await files.reloader.look()
    assert (files.loaded, files.outcomes) == (["a"], [REPLACED])


async def test_a_change_between_the_first_loading_and_the_first_look_is_seen():
    files = Files()
    files.stamps[OTHER] = None
    await files.reloader.look()
    assert files.loaded == ["x"]


async def test_what_is_of_no_use_is_said_once_and_tried_again_when_it_changes(files, caplog):
    files.trouble["a"] = ConfigurationError("the password is wrong")
    files.stamps[FILE] = (2,)
    for _ in range(3):
        await files.reloader.look()
    assert (files.loaded, files.outcomes) == (["a"], [REFUSED])
    (warning,) = files.reloader.warnings()
    assert (warning.kind, warning.system, warning.signer) == ("not-reloaded", "signers", "a")
    assert warning.reason == "signers.a: the password is wrong; what was loaded before stays in use"
    assert files.reloader.problems() == {"signers.a": "the password is wrong", "systems.x.file": None}
    assert caplog.messages == ["changed files are of no use; what was loaded before stays in use"]
    del files.trouble["a"]
    files.stamps[PASSWORD] = (2,)
    await files.reloader.look()
    assert files.outcomes == [REFUSED, REPLACED]
    assert files.reloader.warnings() == []


async def test_what_may_be_of_use_later_is_tried_again_after_a_minute(files):
    files.trouble["a"] = NotReloaded("the certificate is valid only from tomorrow")
    files.stamps[FILE] = (2,)
    await files.reloader.look()
    files.time = RETRY_SECONDS - 1
    await files.reloader.look()
    assert files.loaded == ["a"]
    files.time = RETRY_SECONDS
    await files.reloader.look()
    assert (files.loaded, files.outcomes) == (["a", "a"], [REFUSED])
    del files.trouble["a"]
    files.time = 2 * RETRY_SECONDS
    await files.reloader.look()
    assert files.reloader.problems()["signers.a"] is None


async def test_a_wrong_pin_is_not_tried_again_until_it_changes(files):
    files.trouble["a"] = NotReloaded("the PIN is wrong", retry=False)
    files.stamps[FILE] = (2,)
    await files.reloader.look()
    files.time = 100 * RETRY_SECONDS
    await files.reloader.look()
    assert files.loaded == ["a"]


async def test_a_defect_keeps_the_others_from_nothing(files):
    files.trouble["a"] = RuntimeError("what it holds is not told")
    files.stamps = dict.fromkeys(files.stamps, (2,))
    await files.reloader.look()
    assert sorted(files.loaded) == ["a", "x"]
    assert files.reloader.problems()["signers.a"] == "it cannot be loaded (RuntimeError)"
    assert files.reloader.problems()["systems.x.file"] is None


async def test_what_is_checked_by_the_others_is_loaded_after_them():
    loaded = []

    def load(name, turns):
        async def reload():
            for _ in range(turns):
                await asyncio.sleep(0)
            loaded.append(name)

        return Reloadable(name, (FILE,), reload, name)

    reloader = Reloader(
        [load("anchors", 5), load("ca", 9)],
        then=[load("signer", 0)],
        before={FILE: (1,)},
        every=1.0,
        sleep=asyncio.sleep,
        monotonic=lambda: 0.0,
        stamps=lambda _: {FILE: (2,)},
    )
    await reloader.look()
    assert loaded == ["anchors", "ca", "signer"]
    assert list(reloader.problems()) == ["anchors", "ca", "signer"]


async def test_it_looks_at_intervals(files):
    files.stamps[FILE] = (2,)
    with pytest.raises(asyncio.CancelledError):
        await files.reloader.run()
    assert (files.slept, files.loaded) == ([10.0] * 3, ["a"])


async def test_the_loading_is_done_in_a_thread_and_the_replacing_is_not():
    loop, seen = asyncio.get_running_loop(), []

    def prepare():
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        return lambda: seen.append(asyncio.get_running_loop())

    await in_thread(prepare)()
    assert seen == [loop]
