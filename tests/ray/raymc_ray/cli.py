"""The command line of `./raymc ray`."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from raymc_ray import kinds, plan
from raymc_ray.cluster import redis_executable
from raymc_ray.places import BUG, CANNOT_WRITE, COMMAND_LINE, INCONCLUSIVE, INTERRUPTED, OK, VIOLATED

RELEASES = ("2.55.1", "2.60.0")
_EXITS = "exit codes: 0 ok, 10 a wrong or missing answer or a session that is not explained, 20 not recorded to its end, 64 command line, 74 cannot write, 77 Ray cannot be installed"
_WIRE_HELP = "also keep who sent what to whom, in logs/messages.jsonl: the cluster runs behind the wire"
_RECORD_EXAMPLES = """examples:
  ./raymc ray record my_script.py
  ./raymc ray record my_script.py --nodes 3 --cpus 2 --out incident -- --my-option 5
  ./raymc ray record my_script.py --fault kill_raylet:1@4.5      SIGKILL of the second node's raylet 4.5 s after the script's start
"""
_SESSIONS_EXAMPLES = """examples:
  ./raymc ray sessions --random 100 --seed 7
  ./raymc ray sessions --random 10 --seed 1 --kinds raylet_killed,nested --ray 2.60.0 --out out/killed
  ./raymc ray sessions --random 60 --seed 3 --conform --report out/report
  ./raymc ray sessions --random 60 --seed 3 --wire               keeps the messages as well
  ./raymc ray sessions --random 10 --seed 1 --dry-run            prints the choices without running anything
"""
_STRESS_EXAMPLES = """examples:
  ./raymc ray stress --nodes 4 --tasks 40 --kills 1 --rounds 20
  ./raymc ray stress --rounds 3 --seed 5 --out out/stress --report out/report
  ./raymc ray stress --tasks 40 --at-once 8 --rounds 20          ... and is the model's protocol what each round did?
"""
_CONDUCT_EXAMPLES = """examples:
  ./raymc check specs/scenarios/defects/c1_dead_worker_is_granted.toml --out out
  ./raymc ray conduct out/c1_dead_worker_is_granted.trace.json
  ./raymc ray conduct --all --ray 2.60.0                         into results/executed.tsv
  ./raymc ray conduct --safeguards --tries 1                     into results/stands.tsv
exit codes of conduct: 0 every one happened (or stands), 10 Ray went another way, 20 not conductible or not run, 65 not a trace
"""
_EXPLORE_EXAMPLES = """examples:
  ./raymc ray explore specs/scenarios/ci/proposed/worker_crash.toml --runs 200 --seed 7
  ./raymc ray explore specs/scenarios/ci/proposed/worker_crash.toml specs/scenarios/ci/proposed/cancel.toml --minutes 6 --out out/explored
  ./raymc ray explore specs/scenarios/ci/proposed/cancel.toml --replay out/explored/cancel/run003/schedule.json
exit codes of explore: 0 every run is explained, 10 one differs from the model, 20 one was not judged, 65 not a scenario that can be explored
"""
_SWEEP_EXAMPLES = """examples:
  ./raymc ray sweep                                              every call, each way, twice, into results/sweep.tsv: hours
  ./raymc ray sweep --resume                                     goes on where it was interrupted
  ./raymc ray sweep --calls CancelTask,Exit --ways request_lost
exit codes of sweep: 0 stock Ray and the model agree or the difference is explained, 10 one is not, 20 a program does not end well without a fault
"""
_REPORT_EXAMPLES = """examples:
  ./raymc ray report out/c11_repeated_grant_names_no_devices.trace.json            into raymc-out/ray/reports/
  ./raymc ray report out/c11_repeated_grant_names_no_devices.trace.json --try 5    and says how often it happened
  ./raymc ray report out/c11_repeated_grant_names_no_devices.trace.json --keep     into results/reports/, which the project keeps
exit codes of report: 0 written (and it happened, if it was tried), 10 tried and never happened, 65 not a trace
"""
_TEST_EXAMPLES = """examples:
  ./raymc ray test                                               as in `./raymc test`; the last lines say how many checks are left for --long
  ./raymc ray test --long
  ./raymc ray test -m soak -n 0                                  twenty clusters in a row leave nothing: minutes
  ./raymc ray test -n 0 -k wire                                  one after the other
exit codes: those of pytest
"""
_SCRIPT_FAULTS = ("kill_raylet", "kill_node", "terminate_raylet")


class _Parser(argparse.ArgumentParser):
    """Ends with the project's exit code for a wrong command line."""

    def error(self, message: str) -> NoReturn:
        print(f"raymc ray: {message}\nTry '{self.prog} --help'.", file=sys.stderr)
        sys.exit(COMMAND_LINE)


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _count_or_none(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("must not be below 0")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 86400:
        raise argparse.ArgumentTypeError("must be a number of seconds above 0")
    return value


def _minutes(text: str) -> float:
    value = float(text)
    if not 0 < value < 1440:
        raise argparse.ArgumentTypeError("must be a number of minutes above 0")
    return value


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(",") if word)


def _kind_names(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    unknown = [name for name in names if name not in kinds.all_kinds()]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"unknown kind {', '.join(unknown) or repr(text)}; `./raymc ray kinds` lists them")
    return names


def _script_fault(text: str) -> plan.Fault:
    """KIND:NODE@SECONDS."""
    try:
        what, when = text.split("@")
        do, node = what.split(":")
        fault = plan.Fault(do, int(node), plan.Trigger("go", "", float(when)))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not KIND:NODE@SECONDS, for example kill_raylet:1@4.5") from None
    if fault.do not in _SCRIPT_FAULTS:
        raise argparse.ArgumentTypeError(f"unknown fault {do!r}; known: {', '.join(_SCRIPT_FAULTS)}")
    return fault


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="./raymc ray", description="Records sessions of an unmodified Ray on this machine, on the loopback address only.", epilog=_EXITS
    )
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="record|sessions|stress|conduct|explore|sweep|report|kinds|test", parser_class=_Parser
    )

    def command(name: str, text: str, examples: str) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name, help=text, description=text, epilog=examples + _EXITS, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
        )
        added.add_argument(
            "--ray", metavar="VERSION", choices=RELEASES, default=RELEASES[0], help="release of Ray, one of %(choices)s (default %(default)s)"
        )
        return added

    record = command("record", "Runs a script on a fresh cluster and keeps Ray's logs. Arguments of the script follow --.", _RECORD_EXAMPLES)
    record.add_argument("script", metavar="SCRIPT.py", type=Path, help="a program that calls ray.init() without an address")
    record.add_argument("--nodes", type=_count, default=1, help="raylets, the head's included (default %(default)s)")
    record.add_argument("--cpus", type=_count, default=1, help="CPUs of each node (default %(default)s)")
    record.add_argument(
        "--fault", type=_script_fault, action="append", default=[], metavar="KIND:NODE@SECONDS", help="strike a node; may be repeated"
    )
    record.add_argument("--wire", action="store_true", help=_WIRE_HELP)
    record.add_argument("--lean", action="store_true", help="start nodes faster, without the agents that runtime environments need")
    record.add_argument("--limit", type=_seconds, default=600.0, metavar="SECONDS", help="end the script after so long (default %(default)s)")
    record.add_argument(
        "--out", type=Path, default=Path("raymc-out/ray/record"), metavar="DIR", help="where the session is kept, under the next free number (default %(default)s)"
    )

    sessions = command(
        "sessions", "Records random sessions: clusters, programs and faults; the same seed makes the same choices.", _SESSIONS_EXAMPLES
    )
    sessions.add_argument("--random", type=_count, default=10, metavar="N", help="how many (default %(default)s)")
    sessions.add_argument("--seed", type=int, default=1, help="of the choices (default %(default)s)")
    sessions.add_argument("--kinds", type=_kind_names, metavar="A,B", help="only these kinds (default: all)")
    sessions.add_argument("--out", type=Path, default=Path("raymc-out/ray/sessions"), metavar="DIR", help="where they are kept (default %(default)s)")
    sessions.add_argument("--wire", action="store_true", help=_WIRE_HELP)
    sessions.add_argument("--again", action="store_true", help="record sessions again that the folder has already, and replace them")
    sessions.add_argument("--conform", action="store_true", help="afterwards hold the logs of every session of the folder against the model")
    sessions.add_argument(
        "--report", type=Path, metavar="DIR", help="of --conform: where the tables are written (default: the folder of the sessions)"
    )
    sessions.add_argument("--dry-run", action="store_true", help="print the choices as JSON and run nothing")

    stress = command("stress", "Kills raylets at random moments under concurrent load, and checks values, executions and recovery.", _STRESS_EXAMPLES)
    stress.add_argument(
        "--nodes", type=_count, default=4, help="raylets of one CPU, the head's included; that one is not killed (default %(default)s)"
    )
    stress.add_argument("--tasks", type=_count, default=40, help="tasks of each round (default %(default)s)")
    stress.add_argument(
        "--at-once", type=_count, default=0, metavar="N", help="tasks in flight at a time, and then the logs of each round are conformed (default: all)"
    )
    stress.add_argument("--kills", type=_count, default=1, help="raylets killed in each round (default %(default)s)")
    stress.add_argument("--rounds", type=_count, default=20, help="rounds, each on a new cluster (default %(default)s)")
    stress.add_argument("--seed", type=int, default=1, help="of the moments and victims (default %(default)s)")
    stress.add_argument(
        "--checks", choices=("short", "ray"), default="short", help="health checks: short ones, or Ray's defaults (default %(default)s)"
    )
    stress.add_argument(
        "--out", type=Path, default=Path("raymc-out/ray/stress"), metavar="DIR", help="where the rounds are kept (default %(default)s)"
    )
    stress.add_argument("--report", type=Path, metavar="DIR", help="where the report is written (default: the folder of the rounds)")

    conduct = command("conduct", "Follows a counterexample in an unmodified Ray, message by message, and says what came of it.", _CONDUCT_EXAMPLES)
    conduct.add_argument("trace", metavar="TRACE.json", type=Path, nargs="*", help="as `raymc check --out DIR` writes it")
    conduct.add_argument("--all", action="store_true", help="every scenario of specs/scenarios/defects and hangs that the pinned protocol violates")
    conduct.add_argument("--safeguards", action="store_true", help="the schedules that break Ray without one safeguard, under which Ray has to stand")
    conduct.add_argument("--only", type=_words, default=(), metavar="A,B", help="of --all only these scenarios, of --safeguards only these")
    conduct.add_argument("--tries", type=_count, default=5, metavar="N", help="how often each is tried (default %(default)s)")
    conduct.add_argument("--again", action="store_true", help="also what the table has already for this release")
    conduct.add_argument("--out", type=Path, metavar="DIR", help="keep the record of the wire and the logs of each try there")
    conduct.add_argument("--table", type=Path, metavar="FILE", help="of --all and --safeguards (default: results/executed.tsv, results/stands.tsv)")

    explore = command(
        "explore", "Tries seeded schedules of a scenario in an unmodified Ray, and holds each run against the model.", _EXPLORE_EXAMPLES
    )
    explore.add_argument("scenario", metavar="SCENARIO.toml", type=Path, nargs="+", help="what to build, and which faults may strike")
    explore.add_argument("--runs", type=_count, default=20, metavar="N", help="runs of each scenario (default %(default)s)")
    explore.add_argument("--seed", type=int, default=1, help="of the choices (default %(default)s)")
    explore.add_argument("--minutes", type=_minutes, default=0.0, metavar="M", help="begin no run of a scenario after so long (default: no limit)")
    explore.add_argument(
        "--shrink", type=_count_or_none, default=6, metavar="N", help="further runs to make a difference of a new sort smaller (default %(default)s)"
    )
    explore.add_argument("--replay", type=Path, metavar="FILE", help="follow this schedule instead, once")
    explore.add_argument(
        "--out", type=Path, default=Path("raymc-out/ray/explore"), metavar="DIR", help="where runs are kept, and taken from (default %(default)s)"
    )
    explore.add_argument("--table", type=Path, metavar="FILE", help="where the rows are written (default: DIR/explore.tsv)")

    sweep = command("sweep", "Lets each call fail in each way, and compares what differs with what the model says of that call.", _SWEEP_EXAMPLES)
    sweep.add_argument("--calls", type=_words, default=(), metavar="A,B", help="only these calls (default: those of tests/ray/sweep/calls.tsv)")
    sweep.add_argument(
        "--ways", type=_words, default=(), metavar="A,B", help="only these of request_lost, reply_lost, early_error, duplicate_request"
    )
    sweep.add_argument("--resume", action="store_true", help="leave out what the table has already for this release")
    sweep.add_argument("--jobs", type=_count, default=2, help="clusters at once (default %(default)s)")
    sweep.add_argument("--table", type=Path, metavar="FILE", help="where the rows go (default: results/sweep.tsv)")

    report = command("report", "Writes a counterexample as a script that needs nothing but Ray, and as a text for Ray's tracker.", _REPORT_EXAMPLES)
    report.add_argument("trace", metavar="TRACE.json", type=Path, help="as `raymc check --out DIR` writes it")
    report.add_argument("--out", type=Path, metavar="DIR", help="of this report (default: raymc-out/ray/reports/NAME)")
    report.add_argument("--keep", action="store_true", help="in results/reports/NAME instead, in place of an earlier report, and listed there")
    report.add_argument("--try", dest="tries", type=_count, default=0, metavar="N", help="run it so often, and keep how often it happened")

    command("kinds", "Lists the kinds of session.", "")
    about = f"Runs the package's own checks, in Ray {RELEASES[0]}. Further arguments go to pytest."
    tests = commands.add_parser("test", help=about, description=about, epilog=_TEST_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    tests.add_argument("--long", action="store_true", help="also the checks of Ray that `./raymc test` has no time for")
    return parser


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options of a command line; ends the process if it is wrong or asks for help."""
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    options = _parser().parse_args(arguments[:cut])
    if arguments[cut + 1 :] and options.command != "record":
        _refuse("only `record` takes arguments after --")
    options.arguments = arguments[cut + 1 :]
    if options.command == "conduct":
        if sum((options.all, options.safeguards, bool(options.trace))) != 1:
            _refuse("conduct takes either traces, or --all, or --safeguards")
        if (options.only or options.again or options.table) and options.trace:
            _refuse("--only, --again and --table belong to --all and --safeguards")
        missing = [str(path) for path in options.trace if not path.is_file()]
        if missing:
            _refuse(f"{missing[0]} is not a file")
    if options.command == "explore":
        missing = [str(path) for path in [*options.scenario, *([options.replay] if options.replay else [])] if not path.is_file()]
        if missing:
            _refuse(f"{missing[0]} is not a file")
        if options.replay and len(options.scenario) > 1:
            _refuse("--replay follows a schedule of one scenario")
    if options.command == "report" and not options.trace.is_file():
        _refuse(f"{options.trace} is not a file")
    if options.command == "report" and options.keep and options.out:
        _refuse("--keep and --out are two places")
    if options.command == "sessions" and options.report and not options.conform:
        _refuse("--report belongs to --conform")
    if options.command == "stress" and options.kills >= options.nodes:
        _refuse(f"--kills {options.kills} leaves none of {options.nodes} nodes alive")
    if options.command == "record":
        if not options.script.is_file():
            _refuse(f"{options.script} is not a file")
        if any(not 0 <= int(fault.target) < options.nodes for fault in options.fault):
            _refuse(f"a fault names a node that is not one of 0 to {options.nodes - 1}")
    return options


def _refuse(message: str) -> NoReturn:
    print(f"raymc ray: {message}", file=sys.stderr)
    sys.exit(COMMAND_LINE)


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        return _run(options)
    except KeyboardInterrupt:
        print("raymc ray: interrupted; nothing is left running", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        return CANNOT_WRITE
    except OSError as error:
        print(f"raymc ray: {error}", file=sys.stderr)
        return CANNOT_WRITE
    except RuntimeError as error:
        print(f"raymc ray: {error}", file=sys.stderr)
        return BUG


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _run(options: argparse.Namespace) -> int:
    if options.command == "kinds":
        width = max(map(len, kinds.all_kinds()))
        for name in kinds.all_kinds():
            print(f"{name:{width}}  {kinds.describe(name)}")
        return OK
    if options.command == "sessions":
        return _sessions(options)
    if options.command == "record":
        return _record(options)
    if options.command == "conduct":
        from conduct import command as conducting

        table = options.table or (conducting.STANDS if options.safeguards else conducting.TABLE)
        return conducting.command(
            conducting.Wanted(tuple(options.trace), options.all, options.safeguards, options.only, options.tries, options.again, options.out, table)
        )
    if options.command == "explore":
        from explore import command as exploring

        return exploring.command(
            exploring.Wanted(tuple(options.scenario), options.runs, options.seed, options.minutes, options.shrink, options.replay, options.out, options.table)
        )
    if options.command == "sweep":
        from sweep import command as sweeping

        return sweeping.command(sweeping.Wanted(options.calls, options.ways, options.resume, options.jobs, options.table or sweeping.TABLE))
    if options.command == "report":
        from report import command as reporting

        return reporting.command(reporting.Wanted(options.trace, options.out, options.tries, options.keep))
    from raymc_ray.stress import stress
    from raymc_ray.stress_measure import Load

    load = Load(options.nodes, options.tasks, options.kills, options.rounds, options.seed, options.checks, options.at_once)
    return stress(load, options.out, options.report or options.out)


def _sessions(options: argparse.Namespace) -> int:
    import json

    from raymc_ray.sessions import run_all

    names = options.kinds or sorted(kinds.all_kinds())
    plans = kinds.choose(options.random, options.seed, names)
    if options.dry_run:
        print(json.dumps([plan.to_json(each) for each in plans], indent=1))
        return OK
    if redis_executable() is None and any(each.redis for each in plans):
        print("raymc ray: there is no redis on this machine; sessions that restart the GCS are left out", file=sys.stderr)
        plans = [each for each in plans if not each.redis]
    options.out.mkdir(parents=True, exist_ok=True)
    worst = run_all(plans, options.out, options.again, options.wire)
    if not options.conform:
        return worst
    from raymc_ray import conforming

    conformed = conforming.conform_all(options.out)
    conforming.write_report(conformed, options.out, options.report or options.out)
    print(conforming.left_over(conformed), end="")
    print(f"{sum(one.verdict == 'explained' for one in conformed)} of {len(conformed)} sessions are explained")
    return max(worst, conforming.judge(conformed))


def _record(options: argparse.Namespace) -> int:
    from raymc_ray.record import Clash, record

    script: Path = options.script
    session = plan.Plan(
        kind=script.stem,
        seed=0,
        index=0,
        nodes=tuple(plan.Node(cpus=options.cpus) for _ in range(options.nodes)),
        drivers=(plan.Driver(script=(str(script.resolve()), *options.arguments)),),
        faults=tuple(options.fault),
        agents=not options.lean,
        limit=options.limit,
    )
    recorded = record(session, options.out, wired=options.wire, clash=Clash.NUMBER)
    for problem in recorded.problems:
        print(f"raymc ray: {problem}", file=sys.stderr)
    print(f"raymc ray: logs in {recorded.folder}/logs", file=sys.stderr)
    if not recorded.complete:
        return INCONCLUSIVE
    failed = recorded.report["drivers"].get("driver0") != 0
    return VIOLATED if failed or recorded.problems else OK
