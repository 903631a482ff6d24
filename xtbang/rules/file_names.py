"""The characters that no file system and no header of a download may get in the name of a file."""

import re

NEVER = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
