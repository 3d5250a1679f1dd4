"""`build`, `sample`, `init`: make the products, the sample province, a new workspace."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ntmgis.cli.households import ask_password
from ntmgis.cli.rows import rows_table
from ntmgis.cli.talk import AsJson, Cli, Home, Quiet, Talk, argument, decimal, errors, option, say_files, size, word

if TYPE_CHECKING:
    from ntmgis.build import BuildResult
    from ntmgis.show.product import Product

__all__ = ["register"]


def register(cli: Cli) -> None:
    """Add the commands."""
    cli.command("build")(build)
    cli.command("sample")(sample)
    cli.command("init")(init)


def build(
    workspace: Home = Path(),
    *,
    as_json: AsJson = False,
    quiet: Quiet = False,
    force: Annotated[bool, option("--force", key="force")] = False,
    households: Annotated[bool, option("--households", key="build_households")] = False,
    password: Annotated[bool, option("--password", key="households_password")] = False,
    folder: Annotated[bool, option("--folder", key="households_folder")] = False,
) -> None:
    """`households` also writes the page of exact points, apart from the products; no password stands in the words."""
    from ntmgis.build import build as run

    talk = Talk(as_json, quiet)
    if (password or folder) and not households:
        raise typer.BadParameter("--households")
    private = None
    with errors(talk):
        secret = ask_password() if password else None
        with talk.progress() as progress:
            result = run(workspace, progress=progress, force=force)
            if households:
                from ntmgis.households import write_households

                private = write_households(workspace, password=secret, folder_mode=folder, progress=progress)
    _say_built(talk, result, private)
    raise typer.Exit(0 if result.sound else 1)


def _say_built(talk: Talk, result: "BuildResult", private: "Product | None") -> None:
    if talk.as_json:
        talk.emit({**result.as_dict(), **({} if private is None else {"households": private.as_dict()})})
        return
    names = {product.path.name: product.path for product in result.products}
    talk.problems(result.problems, more=str(names["quarantine.xlsx"]) if "quarantine.xlsx" in names else None)
    if talk.quiet:
        return
    table = talk.table(("product", "file"), ("size", "seconds"))
    for product in result.products:
        table.add_row(product.name, product.path.name, size(product.bytes), decimal(product.seconds))
    if not result.unchanged:
        talk.out.print(rows_table(talk, result.rows))
        talk.out.print()
    talk.out.print(table)
    talk.out.print()
    done = "unchanged" if result.unchanged else "done"
    talk.out.print(word(done, path=names["index.html"]), soft_wrap=True, markup=False)
    if private is not None:
        talk.err.print(word("households_mark"), style="bold red", markup=False)
        talk.line(f"{private.path} ({size(private.bytes)})")


def sample(
    *,
    out: Annotated[Path, option("--out", key="out")],
    seed: Annotated[int, option("--seed", key="seed")] = 305,
    households: Annotated[int | None, option("--households", key="households", min=0)] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.sample.make import make_sample

    talk = Talk(as_json, quiet)
    with errors(talk), talk.progress() as progress:
        made = make_sample(out, seed=seed, households=households, progress=lambda step: progress(step, 0, 0))
    say_files(talk, made)


def init(
    folder: Annotated[Path, argument("init_folder")],
    *,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    from ntmgis.new_workspace import init_workspace

    talk = Talk(as_json, quiet)
    with errors(talk):
        made = init_workspace(folder)
    say_files(talk, made)
