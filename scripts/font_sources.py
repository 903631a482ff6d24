"""The free fonts that static/fonts is built from: where each comes from, its digest, what is taken out, its licence."""

import hashlib
import subprocess
import sys
from pathlib import Path

SOURCES = {
    "expo-google-fonts-noto-serif-sc-0.4.3.tgz": "ff6bcf5ba68d92dfecc05544bb150f9e724741a932354a0dd97e7289c40a3f5e",
    "expo-google-fonts-noto-sans-sc-0.4.3.tgz": "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59",
    "expo-google-fonts-noto-serif-0.4.2.tgz": "78810a8143112a326def7ec976601ecb9855a9e79082c727246beec4f0531d0c",
    "expo-google-fonts-noto-sans-0.4.2.tgz": "98cf14a19b8e67a0e76bfd4d5df98937b9734e6dde570bd750f2259042042548",
    "expo-google-fonts-noto-sans-math-0.4.2.tgz": "652041ca903e7adcc1502a0621350526463e91416757310391370ff5f8fb3ce8",
    "expo-google-fonts-noto-sans-symbols-0.4.1.tgz": "d72d2f96c1c351967ec57842471b1da43ab8b1a40ecb003b1b0a0f50a3ee6388",
    "expo-google-fonts-noto-sans-symbols-2-0.4.1.tgz": (
        "3bf3d6333487df36e88d146e032a9ed8246617ca2dfe1513a8a382c3fad12ac4"
    ),
    "texlive-lang-chinese_2022.20230122-1_all.deb": "9cfa07bd44e7b9098e26f0ecac1b5ad210d2249d474c8074d53de92d650b0ec0",
    "fonts-hanazono_20170904-2.1_all.deb": "a6943366b4f5a6cec34221f8b4eb22555a628f0ee6ef4e3d3401cabe9363aeae",
    "fonts-babelstone-han_15.0.5-2_all.deb": "c7b7f9b5b78ad14c94d7e6d2b103307a7a643844c7db856fb97611d9d8a80589",
    "unicode-data_15.0.0-1_all.deb": "5efef23bbb1c6a133ecbdd63a2cfa07159ccacf5466a49e2426101c5ecd691fc",
}
UNIHAN = "./usr/share/unicode/Unihan_OtherMappings.txt.bz2"
FANDOL = "./usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/"
MEMBERS = {  # archive -> what is taken out of it
    "expo-google-fonts-noto-serif-sc-0.4.3.tgz": (
        "package/400Regular/NotoSerifSC_400Regular.ttf",
        "package/700Bold/NotoSerifSC_700Bold.ttf",
        "package/300Light/NotoSerifSC_300Light.ttf",
        "package/LICENSE_FONT",
    ),
    "expo-google-fonts-noto-sans-sc-0.4.3.tgz": ("package/500Medium/NotoSansSC_500Medium.ttf",),
    "expo-google-fonts-noto-serif-0.4.2.tgz": (
        "package/300Light/NotoSerif_300Light.ttf",
        "package/700Bold/NotoSerif_700Bold.ttf",
    ),
    "expo-google-fonts-noto-sans-0.4.2.tgz": ("package/500Medium/NotoSans_500Medium.ttf",),
    "expo-google-fonts-noto-sans-math-0.4.2.tgz": ("package/400Regular/NotoSansMath_400Regular.ttf",),
    "expo-google-fonts-noto-sans-symbols-0.4.1.tgz": ("package/400Regular/NotoSansSymbols_400Regular.ttf",),
    "expo-google-fonts-noto-sans-symbols-2-0.4.1.tgz": ("package/400Regular/NotoSansSymbols2_400Regular.ttf",),
    "texlive-lang-chinese_2022.20230122-1_all.deb": (
        FANDOL + "FandolFang-Regular.otf",
        FANDOL + "FandolKai-Regular.otf",
        "./usr/share/doc/texlive-doc/fonts/fandol/COPYING.gz",
        "./usr/share/doc/texlive-doc/fonts/fandol/README",
    ),
    "fonts-hanazono_20170904-2.1_all.deb": (
        "./usr/share/fonts/truetype/hanazono/HanaMinA.ttf",
        "./usr/share/fonts/truetype/hanazono/HanaMinB.ttf",
        "./usr/share/doc/fonts-hanazono/copyright",
    ),
    "unicode-data_15.0.0-1_all.deb": (UNIHAN,),
    "fonts-babelstone-han_15.0.5-2_all.deb": ("./usr/share/fonts/truetype/babelstone/BabelStoneHan.ttf",),
}


def fetch(folder: Path) -> None:
    """Download what is missing with the registries' own clients, check it, take out the members that are used."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, digest in SOURCES.items():
        archive = folder / name
        if not archive.exists() and name.endswith(".tgz"):
            package, version = name.removeprefix("expo-google-fonts-").removesuffix(".tgz").rsplit("-", 1)
            run("npm", "pack", f"@expo-google-fonts/{package}@{version}", cwd=folder)
        elif not archive.exists():
            package, version, _ = name.split("_")
            run("apt-get", "download", f"{package}={version}", cwd=folder)
        if hashlib.sha256(archive.read_bytes()).hexdigest() != digest:
            sys.exit(f"{archive}: not the file that static/fonts was built from")
        for member in MEMBERS[name]:
            if not (folder / Path(member).name).exists():
                command = ["tar", "xzO", "-f", str(archive), member]
                if name.endswith(".deb"):
                    command = ["sh", "-c", f"dpkg-deb --fsys-tarfile {archive} | tar xO {member}"]
                (folder / Path(member).name).write_bytes(run(*command).stdout)


def run(*command: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.PIPE)  # noqa: S603


def signs_licence(folder: Path) -> list[str]:
    """Who holds the rights in the fonts that the signs are from, then the licence that all of them share."""
    texts = [
        run("tar", "xzO", "-f", str(folder / name), "package/LICENSE_FONT").stdout.decode()
        for name in sorted(SOURCES)
        if name.endswith(".tgz") and "-sc-" not in name
    ]
    holders = dict.fromkeys(text.partition("\n")[0] for text in texts)
    return ["\n".join(holders) + "\n" + texts[0].partition("\n")[2]]
