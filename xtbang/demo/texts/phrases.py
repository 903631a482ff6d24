"""Values for the ``{…}`` placeholders of a sentence: gains, lists of tasks and indicators, the speaker."""

import random
import re
from collections.abc import Callable
from typing import Any

from xtbang.demo.texts.model import Indicator, Profile, Topic, we, with_unit
from xtbang.rules.quotation import quoted

_CIRCLED = "①②③④⑤⑥⑦⑧"
_HEADS = ("主要技术指标：", "拟达到的技术指标：", "考核指标：")
_SUPPLY_HEADS = ("主要性能：", "实测指标：")


class Slots:
    """The placeholders of sentences about one topic; all random choices use one `random.Random`."""

    def __init__(self, topic: Topic, org: Profile, rng: random.Random, **extra: Any) -> None:
        self._topic = topic
        self._rng = rng
        self._we = we(org.kind)
        first, *rest = _turned(topic.sites, rng)
        self._values: dict[str, Any] = {
            "object": topic.object,
            "industry": topic.industry,
            "site": first,
            "site2": rest[0] if rest else first,
            "we": self._we,
            "name1": topic.tasks[0].name,
            "name2": topic.tasks[1].name,
            "thing": "本技术" if topic.kind == "tech_supply" else "本成果",
            "level": topic.data.get("level", "国内先进"),
            "n1": rng.randint(12, 36),
            "n2": rng.randint(5, 11),
            "n3": rng.randint(3, 9),
            "n4": rng.randrange(120, 900, 20),
            "n5": rng.randrange(800, 6000, 200),
            "n6": rng.randrange(300, 3000, 100),
            "n7": rng.randint(3, 9),
            **extra,
        }
        self._lazy: dict[str, Callable[[], str]] = {
            "gain": lambda: gain(self._pick(1)[0]),
            "gains": lambda: "、".join(gain(each) for each in self._pick(2)),
            "current": self._current,
            "tasks": self._tasks,
            "task_names": lambda: "、".join(task.name for task in topic.tasks),
            "indicators": self._indicators,
            "indicator_list": lambda: "、".join(f"{each.name}{each.goal}" for each in topic.indicators),
            "checks": self._checks,
            "assurance": self._assurance,
        }

    def fill(self, sentence: str) -> str:
        """Return the sentence with every placeholder filled."""
        if "{" in sentence:
            sentence = re.sub(r"\{(\w+)\}", self._value, sentence)
        return sentence if self._we == "我公司" else re.sub("[我本]公司", self._we, sentence)

    def _value(self, match: re.Match[str]) -> str:
        key = match[1]
        if key not in self._values:
            self._values[key] = self._lazy[key]()
        return str(self._values[key])

    def _pick(self, count: int) -> list[Indicator]:
        improved = [each for each in self._topic.indicators if each.level]
        return self._rng.sample(improved, min(count, len(improved)))

    def _current(self) -> str:
        return "、".join(f"{each.name}为{each.level}" for each in self._pick(2))

    def _tasks(self) -> str:
        topic = self._topic
        if topic.data.get("hand"):
            parts = [f"{task.name}，{task.need}" for task in topic.tasks]
        else:
            parts = [f"{task.name}：{task.need}，{task.method}" for task in topic.tasks]
        head = "已突破的关键核心技术：" if topic.kind.endswith("supply") else ""
        return head + "；".join(f"（{number}）{part}" for number, part in enumerate(parts, 1)) + "。"

    def _indicators(self) -> str:
        supply = self._topic.kind.endswith("supply")
        base = "国内同类" if supply else self._rng.choice(("现状", "现有"))
        parts = []
        for mark, each in zip(_CIRCLED, self._topic.indicators, strict=False):
            now = f"（{base}{each.level}）" if each.level else ""
            parts.append(f"{mark}{each.name}{each.goal}{now}")
        return self._rng.choice(_SUPPLY_HEADS if supply else _HEADS) + "；".join(parts) + "。"

    def _assurance(self) -> str:
        tasks = self._topic.tasks
        parts = []
        for number, each in enumerate(self._topic.indicators):
            now = f"由{each.level}" if each.level else ""
            task = tasks[number % len(tasks)].name
            parts.append(f"{quoted(each.name)}{now}达到{each.goal}，由{quoted(task)}保证，以{each.proof}为证")
        return "；".join(parts)

    def _checks(self) -> str:
        some = self._rng.sample(self._topic.indicators, min(3, len(self._topic.indicators)))
        return "，".join(f"{each.name}以{each.proof}为准" for each in some)


def gain(indicator: Indicator) -> str:
    """Return an indicator's progress in words: “响应时间由45s降至15s以内”."""
    goal = with_unit(re.sub("^[≥≤]", "", indicator.target), indicator.unit)
    tail = {"≥": "以上", "≤": "以内"}.get(indicator.target[:1], "")
    if not indicator.level:
        return f"{indicator.name}达到{goal}{tail}"
    return f"{indicator.name}由{indicator.level}{_verb(indicator)}{goal}{tail}"


def _verb(indicator: Indicator) -> str:
    today, target = indicator.today, indicator.target
    if target.startswith("≥"):
        return "提高到"
    if target.startswith("≤") or target == "不得检出":
        return "降至"
    if "～" in target:
        return "扩展到"
    before, after = (re.search(r"\d+(?:\.\d+)?", text) for text in (today, target))
    if not before or not after:
        return "提升为"
    if float(after[0]) >= float(before[0]):
        return "提高到"
    return "缩小到" if "±" in target else "降至"


def _turned(sites: tuple[str, ...], rng: random.Random) -> tuple[str, ...]:
    start = rng.randrange(len(sites)) if rng.random() < 0.4 else 0
    return sites[start:] + sites[:start]
