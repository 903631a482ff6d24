"""Titles of notices over several lines."""

import pytest

from xtbang.papers.pdf.titles import balanced, headed, is_addressee, lines_of


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("拟立项公示", ["拟立项公示"]),
        ("关于“高温合金涂层关键技术”项目的中榜通告", ["关于“高温合金涂层关键技术”", "项目的中榜通告"]),
        ("关于终止“高温合金涂层关键技术”项目的公告", ["关于终止“高温合金涂层关键技术”", "项目的公告"]),
        (
            "关于征集2024年度科技创新“揭榜挂帅”项目技术需求的通知",
            ["关于征集2024年度科技创新", "“揭榜挂帅”项目技术需求的通知"],
        ),
        (
            "关于“高精密伺服电机关键技术研究与产业化”项目拟立项的公示",
            ["关于", "“高精密伺服电机关键技术研究与产业化”", "项目拟立项的公示"],
        ),
        (
            "关于“抗体药物偶联物批量制造与质量控制关键技术”项目的中榜通告",
            ["关于“抗体药物偶联物批量制造", "与质量控制关键技术”项目的中榜通告"],
        ),
        (
            "关于终止“IGBT模块用AMB陶瓷基板批量制造与质量控制”项目的公告",
            ["关于终止“IGBT模块用AMB陶瓷基板", "批量制造与质量控制”项目的公告"],
        ),
        ("", [""]),
    ],
)
def test_lines_of_like_length_with_words_whole(title: str, lines: list[str]) -> None:
    assert lines_of(title, 20) == lines


def test_a_date_and_a_latin_word_stay_whole() -> None:
    for title in ("湘" * 18 + "2024年度项目", "湘" * 17 + "GB/T9704项目", "湘" * 18 + "参与单位名单"):
        lines = lines_of(title, 20)
        assert len(lines) == 2
        assert not lines[0].endswith(("2024", "参", "GB/", "G"))


@pytest.mark.parametrize("length", [1, 19, 20, 21, 40, 41, 120, 200])
def test_no_title_is_too_long(length: int) -> None:
    for title in (
        "高" * length,
        ("高温，" * length)[:length],
        ("IGBT模块" * length)[:length],
        "“" + "高" * length + "”",
    ):
        lines = lines_of(title, 20)
        assert "".join(lines) == title
        assert all(len(line) <= 34 for line in lines)
        assert not any(line.startswith(("，", "”")) or line.endswith("“") for line in lines[1:])


def test_what_people_wrote_is_no_markup() -> None:
    assert balanced("<b>高温</b>", 20) == "&lt;b&gt;高温&lt;/b&gt;"
    assert str(balanced("关于“高温合金涂层关键技术”项目的中榜通告", 20)).count("<br>") == 1


@pytest.mark.parametrize(
    ("paragraph", "parts"),
    [
        ("一、征集时间", ("level-1", "一、征集时间", "")),
        ("十二、征集时间：2024年8月26日起", ("level-1", "十二、征集时间：", "2024年8月26日起")),
        ("（三）资格审查。企业须独立法人。", ("level-2", "（三）资格审查。", "企业须独立法人。")),
        ("1.材料规范。填写完整。", ("", "", "1.材料规范。填写完整。")),
        ("一、" + "长" * 31 + "。", ("", "", "一、" + "长" * 31 + "。")),
        ("现予公示。", ("", "", "现予公示。")),
        ("", ("", "", "")),
    ],
)
def test_headings_of_a_notice(paragraph: str, parts: tuple[str, str, str]) -> None:
    assert headed(paragraph) == parts


def test_whom_a_notice_is_sent_to() -> None:
    assert is_addressee("各县市区科技和工业信息化局、韶山市市场监管和科技工信局，有关企事业单位：")
    for line in ("根据有关规定，现就征集事项通知如下：", "各有关单位：请按时报送。", "现予公示。"):
        assert not is_addressee(line)
