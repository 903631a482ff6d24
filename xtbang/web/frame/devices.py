"""Names of devices, from the browser's user agent: 「Firefox，Windows」."""

BROWSERS = {
    "MicroMessenger": "微信",
    "QQBrowser": "QQ 浏览器",
    "Edg": "Edge",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "HarmonyOS": "鸿蒙",
    "Android": "安卓手机",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


def device_of(agent: str) -> str:
    """Return browser and system; unknown ones as 其他浏览器, 其他系统."""
    browser = next((name for sign, name in BROWSERS.items() if sign in agent), "其他浏览器")
    system = next((name for sign, name in SYSTEMS.items() if sign in agent), "其他系统")
    return f"{browser}，{system}"
