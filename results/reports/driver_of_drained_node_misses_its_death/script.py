"""A driver's node leaves in order after a drain, and the GCS restarts before the driver is told. Does its task end?

No program does it by itself: step 8 needs more (the crash comes between two writes: the wire). The conductor of raymc
holds the messages of an unmodified Ray.
RAYMC says where a checkout of raymc is; Linux, Python 3.11 and a C compiler are needed.
"""
import os, pathlib, subprocess, sys, tempfile
raymc = pathlib.Path(os.environ["RAYMC"]) / "raymc"
with tempfile.TemporaryDirectory() as folder:
    scenario = pathlib.Path(__file__).with_name("scenario.toml")
    subprocess.call([raymc, "check", "--quiet", "--out", folder, scenario])
    sys.exit(subprocess.call([raymc, "ray", "conduct", f"{folder}/scenario.trace.json", "--tries", "1"]))
