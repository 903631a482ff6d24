"""Passwords that other sites have lost are found in the list that an installation has downloaded."""

from hashlib import sha1
from pathlib import Path

import pytest

from xtbang.people.breached import is_breached


def digest(password: str) -> str:
    return sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@pytest.mark.parametrize("line", ["{}:{}\n", "{}:{}\r\n"])
@pytest.mark.parametrize("number", [0, 1, 2, 3, 100])
def test_every_password_of_the_list_is_found_and_no_other(number: int, line: str, tmp_path: Path) -> None:
    lost = [f"password {place}" for place in range(number)]
    path = tmp_path / "pwned.txt"
    path.write_text("".join(line.format(one, 10**place) for place, one in enumerate(sorted(map(digest, lost)))))
    assert all(is_breached(password, path) for password in lost)
    assert not any(is_breached(f"another {place}", path) for place in range(200))


def test_the_last_line_may_have_no_end(tmp_path: Path) -> None:
    path = tmp_path / "pwned.txt"
    path.write_text("\n".join(f"{one}:1" for one in sorted(map(digest, "abc"))))
    assert all(is_breached(sign, path) for sign in "abc")


def test_a_file_of_another_kind_is_not_taken_for_a_list(tmp_path: Path) -> None:
    path = tmp_path / "pwned.txt"
    path.write_text("password\n123456\n")
    with pytest.raises(ValueError, match="SHA-1"):
        is_breached("123456", path)
