"""A push is lost and its worker lives. Is the worker's process used again, or does it end?

No program does it by itself: the look at the end needs more (that is seen through the wire or the conductor alone
(process_is_left_behind)). The conductor of raymc holds the messages of an unmodified Ray.
RAYMC says where a checkout of raymc is; Linux, Python 3.11 and a C compiler are needed.
"""
import os, pathlib, subprocess, sys, tempfile
raymc = pathlib.Path(os.environ["RAYMC"]) / "raymc"
with tempfile.TemporaryDirectory() as folder:
    scenario = pathlib.Path(__file__).with_name("scenario.toml")
    subprocess.call([raymc, "check", "--quiet", "--out", folder, scenario])
    sys.exit(subprocess.call([raymc, "ray", "conduct", f"{folder}/scenario.trace.json", "--tries", "1"]))
