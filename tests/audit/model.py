"""The commit protocol as a small model: every order of steps, crashes and failovers.

A state is what the database, its standby, the processes and everybody outside have. A
step is one of the store's (``audit.contract.STEPS``) or something that happens to it.
What a mistake in the protocol would do is shown by making it: see :class:`Rules`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from audit.contract import STEPS

__all__ = ["EVENTS", "Broken", "Model", "Rules", "State", "explore"]

EVENTS = ("replicate", "cancel", "lose", "crash", "fail over")
"""What happens to a store: a commit reaches the standby; the wait for it is cancelled;
an answer is lost; a process dies and its clients ask again; the standby takes over."""

NEW, WAITING, SENT, DONE = "new", "waiting", "sent", "done"
"""Of a request at a process: not asked, built and queued, written and not answered,
and released, after which its client asks no more."""

Ask = str | int
"""One of the above, or the index that it has."""


class Broken(AssertionError):
    """An invariant does not hold; the message begins with its name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What the protocol keeps to; each can be left out, to see what it is for."""

    durable_first: bool = True
    """``release`` only after ``sequence``."""
    one_key_once: bool = True
    """``sequence`` adds nothing under a key that stands."""
    standby_counts: bool = True
    """A commit that no standby has is not acknowledged, and is seen by nobody."""
    swap: bool = True
    """``publish`` puts a checkpoint in place of exactly the one it continues."""
    time_first: bool = True
    """A checkpoint's time is read before what it covers is collected."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """One process's way to a checkpoint: idle, integrated, or signed."""

    phase: str = "idle"
    before: int = 0
    size: int = 0
    promised: frozenset[str] = frozenset()
    """What was acknowledged at the checkpoint's time: all of it must be covered."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything at one moment."""

    asks: tuple[tuple[Ask, ...], ...]
    """For each process, how far each of its requests is."""
    publishers: tuple[Publisher, ...]
    """The first processes' ways; the others leave the tree to them."""
    left: tuple[int, ...]
    """How often each of the events that may be had without end still happens."""
    seq: tuple[str, ...] = ()
    """Keys of the entries, by index."""
    replicated: int = 0
    """How many of them the standby has."""
    tree: int = 0
    published: tuple[str, ...] | None = None
    released: frozenset[tuple[str, int]] = frozenset()

    @property
    def pending(self) -> bool:
        """Whether a commit waits for the standby, holding the row of the next index."""
        return self.replicated < len(self.seq)


_BOUNDED = ("cancel", "lose", "crash", "fail over")


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """Processes, each with the keys it is asked for, and how much goes wrong."""

    keys: tuple[tuple[str, ...], ...]
    publishing: int = 2
    """How many of the processes make checkpoints."""
    rules: Rules = Rules()
    happens: tuple[int, ...] = (1, 1, 1, 1)

    def start(self) -> State:
        """Nothing was asked, nothing stands; a checkpoint of nothing is published."""
        return State(
            asks=tuple(tuple(NEW for _ in own) for own in self.keys),
            publishers=tuple(Publisher() for _ in self.keys[: self.publishing]),
            left=self.happens,
            published=(),
        )

    def steps(self, state: State) -> Iterator[tuple[str, State]]:
        """Yield the name and the outcome of whatever may come next."""
        for process, own in enumerate(state.asks):
            for place, ask in enumerate(own):
                yield from self._of_request(state, process, place, ask)
            yield from self._crash(state, process)
        for process in range(len(state.publishers)):
            yield from self._of_publisher(state, process)
        if state.pending:
            yield "replicate", replace(state, replicated=state.replicated + 1)
        yield from self._fail_over(state)

    # --- the store's steps --------------------------------------------------------

    def _of_request(
        self, state: State, process: int, place: int, ask: Ask
    ) -> Iterator[tuple[str, State]]:
        key = self.keys[process][place]

        def now(ask: Ask, **changes: object) -> State:
            own = list(state.asks[process])
            own[place] = ask
            asks = list(state.asks)
            asks[process] = tuple(own)
            return replace(state, asks=tuple(asks), **changes)  # type: ignore[arg-type]  # fields of State

        if ask == NEW:
            yield "append", now(WAITING)
        elif ask == WAITING:
            if not self.rules.durable_first:
                yield "release", self._released(now(DONE), key)
            yield from self._sequence(state, key, now)
        elif ask == SENT:
            yield from self._answered(state, key, now)
        elif ask != DONE:
            yield "release", self._released(now(DONE), key, int(ask))

    def _sequence(self, state: State, key: str, now) -> Iterator[tuple[str, State]]:  # type: ignore[no-untyped-def]  # noqa: ANN001 - the caller's own
        if self.rules.one_key_once and key in state.seq:
            index = state.seq.index(key)
            # Whoever looks waits for a commit that is under way.
            if index < state.replicated or not self.rules.standby_counts:
                yield "sequence", now(index)
        elif not state.pending or not self.rules.standby_counts:
            yield "sequence", now(SENT, seq=(*state.seq, key))

    def _answered(self, state: State, key: str, now) -> Iterator[tuple[str, State]]:  # type: ignore[no-untyped-def]  # noqa: ANN001 - the caller's own
        at = max((i for i, each in enumerate(state.seq) if each == key), default=-1)
        if 0 <= at < state.replicated:
            yield "sequence", now(at)
        elif at >= 0 and state.left[_BOUNDED.index("cancel")]:
            # The server says that all went well; whether that counts is the rule.
            ask = WAITING if self.rules.standby_counts else at
            yield "cancel", now(ask, left=_less(state, "cancel"))
        if state.left[_BOUNDED.index("lose")]:
            yield "lose", now(WAITING, left=_less(state, "lose"))

    def _released(self, state: State, key: str, index: int | None = None) -> State:
        at = len(state.seq) if index is None else index
        return replace(state, released=state.released | {(key, at)})

    def _of_publisher(self, state: State, process: int) -> Iterator[tuple[str, State]]:
        mine = state.publishers[process]
        visible = state.replicated if self.rules.standby_counts else len(state.seq)

        def now(publisher: Publisher, **changes: object) -> State:
            all_of_them = list(state.publishers)
            all_of_them[process] = publisher
            return replace(state, publishers=tuple(all_of_them), **changes)  # type: ignore[arg-type]  # as above

        published = state.published or ()
        told = frozenset(key for key, _ in state.released)
        if mine.phase == "idle" and max(visible, state.tree) > len(published):
            yield (
                "integrate",
                now(
                    Publisher("integrated", promised=told),
                    tree=max(visible, state.tree),
                ),
            )
        elif mine.phase == "integrated":
            signed = Publisher(
                "signed",
                before=len(published),
                size=state.tree,
                promised=mine.promised if self.rules.time_first else told,
            )
            yield "publish", now(signed)
        elif mine.phase == "signed":
            free = mine.before == len(published) or not self.rules.swap
            if free and mine.size != len(published):
                tree = state.seq[: mine.size]
                self._check_tree(state, tree, mine.promised)
                yield "publish", now(Publisher(), published=tree)
            else:
                yield "publish", now(Publisher())

    # --- what happens -------------------------------------------------------------

    def _crash(self, state: State, process: int) -> Iterator[tuple[str, State]]:
        own = state.asks[process]
        mine = state.publishers[process : process + 1]
        idle = set(own) <= {NEW, DONE} and mine in {(), (Publisher(),)}
        if not state.left[_BOUNDED.index("crash")] or idle:
            return
        asks, publishers = list(state.asks), list(state.publishers)
        asks[process] = tuple(DONE if ask == DONE else NEW for ask in own)
        publishers[process : process + 1] = [Publisher() for _ in mine]
        yield (
            "crash",
            replace(
                state,
                asks=tuple(asks),
                publishers=tuple(publishers),
                left=_less(state, "crash"),
            ),
        )

    def _fail_over(self, state: State) -> Iterator[tuple[str, State]]:
        if not state.left[_BOUNDED.index("fail over")] or not state.pending:
            return  # nothing is lost then
        asks = tuple(
            tuple(WAITING if ask == SENT else ask for ask in own) for own in state.asks
        )
        kept = state.seq[: state.replicated]
        left = _less(state, "fail over")
        tree = min(state.tree, state.replicated)
        yield "fail over", replace(state, asks=asks, seq=kept, tree=tree, left=left)

    # --- what must hold -----------------------------------------------------------

    def check(self, state: State) -> None:
        """Refuse a state in which an invariant does not hold.

        Raises:
            Broken: naming it.
        """
        for key, index in state.released:
            if state.seq[index : index + 1] != (key,):
                raise Broken(f"released implies durable entry: {key} at {index}")
            tree = state.published or ()
            if index < len(tree) and tree[index] != key:
                raise Broken(f"an acknowledged entry is in every later tree: {key}")
        indices = [index for _, index in state.released]
        keys = [key for key, _ in state.released]
        if len(set(indices)) < len(indices) or len(set(keys)) < len(keys):
            raise Broken(f"no index twice: {sorted(state.released)}")
        if len(set(state.seq)) < len(state.seq):
            raise Broken(f"no index twice: {state.seq}")

    def _check_tree(
        self, state: State, tree: tuple[str, ...], promised: frozenset[str]
    ) -> None:
        before = state.published or ()
        if tree[: len(before)] != before:
            raise Broken(f"a published root extends every earlier one: {before}")
        if not promised <= set(tree):
            raise Broken(f"an acknowledged entry is in every later tree: {tree}")

    def check_end(self, state: State) -> None:
        """Refuse an end, after which nothing comes, that leaves something out."""
        told = {key for key, _ in state.released}
        asked = {key for own in self.keys for key in own}
        if told != asked or not told <= set(state.published or ()):
            raise Broken(f"an acknowledged entry is in every later tree: {state}")


def _less(state: State, event: str) -> tuple[int, ...]:
    left = list(state.left)
    left[_BOUNDED.index(event)] -= 1
    return tuple(left)


def explore(model: Model) -> tuple[int, set[str]]:
    """Visit every state that can be reached; return how many, and the steps seen.

    Raises:
        Broken: an invariant does not hold in one of them; with the way there.
    """
    start = model.start()
    seen: dict[State, tuple[State, str] | None] = {start: None}
    todo, names = deque([start]), set[str]()
    while todo:
        state = todo.popleft()  # the nearest first, so that a way is a short one
        try:
            after = list(model.steps(state))
            model.check(state)
            if not after:
                model.check_end(state)
        except Broken as broken:
            raise Broken(f"{broken}; after {_way(seen, state)}") from None
        for name, there in after:
            assert name in (*STEPS, *EVENTS)
            names.add(name)
            if there not in seen:
                seen[there] = (state, name)
                todo.append(there)
    return len(seen), names


def _way(seen: dict[State, tuple[State, str] | None], state: State) -> str:
    """Return the steps that led to a state."""
    way: list[str] = []
    while (before := seen[state]) is not None:
        state, name = before
        way.append(name)
    return ", ".join(reversed(way))
