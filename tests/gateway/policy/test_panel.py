"""Several engines at once: believed if all agree, closed until looked at if not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from gateway.canonical import canonical
from gateway.errors import Cause, EngineFault, Unavailable
from gateway.policy import Bundle, Engine, Policy, Vector
from gateway.policy.doubt import Doubt, Finding
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.engine import NoAnswer, Overtaken
from gateway.policy.panel import Panel
from tests.gateway.policy.small import policy_of, question, rule

Change = Callable[[bytes], bytes]


def same(answer: bytes) -> bytes:
    """Change nothing."""
    return answer


def flipped(answer: bytes) -> bytes:
    """Turn what is withheld into what is released."""
    return answer.replace(b"withhold", b"release")


class Far:
    """The real engine as if it were another process: it waits before it answers."""

    name = "opa"
    remote = True

    def __init__(self, bundle: Bundle, change: Change = same) -> None:
        self.revision = bundle.revision
        self.change = change
        self.fails: Exception | None = None
        self.story: list[str] = []
        self._engine = EmbeddedEngine(bundle)

    async def screen(self, question: bytes) -> bytes:
        """Answer after a while."""
        return await self._late(self._engine.screen, question)

    async def decide(self, question: bytes) -> bytes:
        """Answer after a while."""
        return await self._late(self._engine.decide, question)

    async def _late(self, ask: Callable[..., object], question: bytes) -> bytes:
        self.story.append("sent")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.story.append("received")
        if self.fails is not None:
            raise self.fails
        answer: bytes = await ask(question)  # type: ignore[misc]  # an engine's method
        return self.change(answer)


class Near(EmbeddedEngine):
    """The embedded engine, telling when it is asked."""

    def __init__(self, bundle: Bundle, story: list[str]) -> None:
        super().__init__(bundle)
        self._story = story

    async def decide(self, question: bytes) -> bytes:
        """Answer at once."""
        self._story.append("evaluated")
        return await super().decide(question)


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """A bundle that withholds."""
    return policy_of(tmp_path, rule("st.a")).bundle


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bundle:
    """A bundle that was built where no engine could be asked."""
    monkeypatch.setattr("gateway.policy.build.have_embedded", lambda: False)
    return policy_of(tmp_path / "plain", rule("st.a")).bundle


class Seen:
    """What was told of failures."""

    def __init__(self) -> None:
        self.faults: list[tuple[str, EngineFault]] = []

    def __call__(self, engine: str, fault: EngineFault) -> None:
        """Keep it."""
        self.faults.append((engine, fault))


def panel(bundle: Bundle, *engines: Engine, seen: Seen, doubt: Doubt) -> Panel:
    """Return a panel of these engines."""
    return Panel(bundle, engines, doubt=doubt, failed=seen)


def asked(bundle: Bundle) -> bytes:
    """Return a question with one record."""
    return question(bundle.vocabulary).with_records([Vector()])


async def test_both_are_asked_at_the_same_time(bundle: Bundle) -> None:
    """The request is out while our own engine evaluates; the names keep their order."""
    far, seen, doubt = Far(bundle), Seen(), Doubt()
    near = Near(bundle, far.story)
    both = panel(bundle, near, far, seen=seen, doubt=doubt)
    assert both.names == ("embedded", "opa")
    assert await both.problem("remote") == ""
    far.story.clear()
    answer = await both.decide(asked(bundle))
    assert answer == await EmbeddedEngine(bundle).decide(asked(bundle))
    assert set(far.story) == {"sent", "evaluated", "received"}
    assert far.story[0] == "sent"
    assert not seen.faults


async def test_one_flipped_answer_closes_until_somebody_looked(bundle: Bundle) -> None:
    """Nothing is answered after a disagreement, however right the engine is again."""
    far, seen, doubt = Far(bundle), Seen(), Doubt()
    both = panel(bundle, far, EmbeddedEngine(bundle), seen=seen, doubt=doubt)
    await both.problem()
    far.change = flipped
    with pytest.raises(Unavailable) as caught:
        await both.decide(asked(bundle))
    assert caught.value.cause is Cause.POLICY_DISAGREEMENT
    far.change = same
    with pytest.raises(Unavailable, match="policy-disagreement"):
        await both.decide(asked(bundle))
    finding = await doubt.found()
    assert finding.question == asked(bundle)
    right = await EmbeddedEngine(bundle).decide(asked(bundle))
    assert finding.answers == {"opa": flipped(right), "embedded": right}
    doubt.clear()
    assert await both.decide(asked(bundle)) == right


async def test_a_doubt_raised_meanwhile_holds_for_what_is_out(bundle: Bundle) -> None:
    """An answer that agreed is not given if another question closed the gateway."""
    far, doubt = Far(bundle), Doubt()
    both = panel(bundle, far, EmbeddedEngine(bundle), seen=Seen(), doubt=doubt)
    await both.problem()
    out = asyncio.ensure_future(both.decide(asked(bundle)))
    await asyncio.sleep(0)
    doubt.close(Finding(detail="another question", revision=bundle.revision))
    with pytest.raises(Unavailable, match="another question"):
        await out


async def test_an_engine_elsewhere_is_tried_first(bundle: Bundle) -> None:
    """Until it answered the known questions right it is no engine."""
    far, seen = Far(bundle), Seen()
    both = panel(bundle, far, EmbeddedEngine(bundle), seen=seen, doubt=Doubt())
    with pytest.raises(NoAnswer, match="known questions"):
        await both.screen(question(bundle.vocabulary).canonical)
    assert seen.faults == [("opa", EngineFault.UNTRIED)]
    assert far.story == []
    assert await both.problem("local") == ""
    with pytest.raises(NoAnswer):
        await both.screen(question(bundle.vocabulary).canonical)
    assert await both.problem() == ""
    assert await both.screen(question(bundle.vocabulary).canonical)


@pytest.mark.parametrize("alone", [True, False])
async def test_no_answer_of_one_is_none(bundle: Bundle, *, alone: bool) -> None:
    """Whoever fails is named and counted; what the other said does not matter."""
    far, seen, doubt = Far(bundle), Seen(), Doubt()
    engines: list[Engine] = [far] if alone else [EmbeddedEngine(bundle), far]
    some = panel(bundle, *engines, seen=seen, doubt=doubt)
    await some.problem()
    assert await some.decide(asked(bundle))
    far.fails = NoAnswer("opa", EngineFault.LATE, "no answer")
    with pytest.raises(NoAnswer, match="no answer"):
        await some.decide(asked(bundle))
    assert await some.problem() == "opa: no answer"
    assert seen.faults == [("opa", EngineFault.LATE)]
    far.fails = Overtaken("opa")
    with pytest.raises(Overtaken):
        await some.decide(asked(bundle))
    assert len(seen.faults) == 1  # being ahead is no failure
    assert await some.problem() == ""
    assert not doubt.detail


async def test_a_known_question_answered_wrong_closes(bundle: Bundle) -> None:
    """A wrong answer empties what is remembered, and says which engine it was."""
    far, doubt = Far(bundle, flipped), Doubt()
    policy = Policy(
        bundle=bundle, make_engines=lambda one: [EmbeddedEngine(one)], doubt=doubt
    )
    await policy.decide(question(bundle.vocabulary), [Vector()])
    assert len(policy._decisions)
    some = panel(bundle, far, seen=Seen(), doubt=doubt)
    assert "opa answers known questions wrong" in await some.problem()
    assert not len(policy._decisions)
    with pytest.raises(Unavailable, match="policy-disagreement"):
        await policy.decide(question(bundle.vocabulary), [Vector()])
    assert (await doubt.found()).question == b""


async def test_a_trial_closes_nothing(bundle: Bundle) -> None:
    """A bundle that is not in force is refused for a wrong answer, and that is all."""
    doubt = Doubt()
    some = panel(bundle, Far(bundle, flipped), seen=Seen(), doubt=doubt)
    assert "answers known questions wrong" in await some.problem(trial=True)
    doubt.refuse()
    assert "answers known questions wrong" in await some.problem()
    with pytest.raises(Unavailable):
        doubt.refuse()


@pytest.mark.parametrize(
    "answer",
    [b'{"records":7}', b'{"records":[1]}', b'{"asks":[1]}', b"{}", b"[]"],
)
async def test_a_known_answer_of_another_shape_is_wrong(
    plain: Bundle, answer: bytes
) -> None:
    """Whatever an engine sends, trying it ends in right or wrong, or in no answer."""
    some = panel(plain, Far(plain, lambda _: answer), seen=Seen(), doubt=Doubt())
    assert await some.problem() == "opa answers known questions wrong"


async def test_strangers_get_nothing_for_want_of_an_answer(bundle: Bundle) -> None:
    """An engine that fails on a stranger's question has not passed."""
    far, doubt = Far(bundle), Doubt()

    def gone(answer: bytes) -> bytes:
        raise NoAnswer("opa", EngineFault.DROPPED, str(len(answer)))

    some = panel(bundle, far, seen=Seen(), doubt=doubt)
    known = len(bundle.document("conformance/data.json")["questions"])  # type: ignore[call-overload,index,arg-type]  # an object

    def after(answer: bytes) -> bytes:
        return answer if len(far.story) <= 2 * known else gone(answer)

    far.change = after
    assert (await some.problem()).startswith("opa: ")
    assert not doubt.detail

    def undefined(_answer: bytes) -> bytes:
        raise NoAnswer("opa", EngineFault.UNDEFINED, "has no answer")

    far.story.clear()
    far.change = lambda answer: (
        answer if len(far.story) <= 2 * known else undefined(answer)
    )
    assert await some.problem() == ""


async def test_a_doubt_is_kept_told_and_cleared() -> None:
    """The first finding is kept; whoever remembers forgets each time."""
    doubt, forgotten = Doubt(), [0]

    class Memory:
        def forget(self) -> None:
            forgotten[0] += 1

    memory = Memory()
    doubt.tell(memory)
    doubt.refuse()
    doubt.distrust()
    first, second = (
        Finding(detail=word, revision="r") for word in ("the first", "the second")
    )
    doubt.close(first)
    doubt.close(second)
    assert forgotten == [3]
    assert (await doubt.found()).detail == "the first"
    with pytest.raises(Unavailable, match="the first"):
        doubt.refuse()
    doubt.clear()
    doubt.refuse()
    doubt.close(second)
    waiting = asyncio.ensure_future(doubt.found())
    assert await waiting == second
    doubt.clear()
    doubt.still("since before")
    with pytest.raises(Unavailable, match="since before"):
        doubt.refuse()


async def test_a_finding_that_was_cleared_is_not_told() -> None:
    """Who waits for a finding waits for one that still holds."""
    doubt = Doubt()
    waiting = asyncio.ensure_future(doubt.found())
    await asyncio.sleep(0)
    doubt.close(Finding(detail="cleared at once", revision="r"))
    doubt.clear()
    await asyncio.sleep(0)
    assert not waiting.done()
    doubt.close(Finding(detail="kept", revision="r"))
    assert (await waiting).detail == "kept"


def test_answers_of_another_order_are_the_same_bytes(bundle: Bundle) -> None:
    """Canonical bytes are compared, so order of members is no disagreement."""
    answer = EmbeddedEngine(bundle).answer(asked(bundle))
    turned = orjson.dumps(dict(reversed(orjson.loads(answer).items())))
    assert turned != answer
    assert canonical(orjson.loads(turned)) == answer
