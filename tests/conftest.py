"""What holds for all tests."""

import os

from hypothesis import settings

# Two busy cores make a single example slow now and then; CI looks at the same examples every time, so that it fails only for a change.
settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")
