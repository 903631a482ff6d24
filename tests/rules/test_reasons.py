from xtbang.rules.reasons import Force, Reason


def test_the_citation_stands_before_the_full_stop() -> None:
    assert str(Reason("A", "须达到。", "《办法》第七条")) == "须达到（《办法》第七条）。"
    assert str(Reason("A", "须达到", "《办法》第七条")) == "须达到（《办法》第七条）。"
    assert str(Reason("F.required", "“项目名称”尚未填写。")) == "“项目名称”尚未填写。"
    assert Reason("A", "").force is Force.MUST
