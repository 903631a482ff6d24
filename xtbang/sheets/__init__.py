"""Lists as files (导出表格): every list of officers as it is filtered, by the name of its page."""

from xtbang.sheets import meetings, money, office, people
from xtbang.sheets.registry import AT_ONCE, LISTS, ListFile

__all__ = ["AT_ONCE", "LISTS", "ListFile", "meetings", "money", "office", "people"]
