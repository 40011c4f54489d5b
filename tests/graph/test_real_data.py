"""Real edge lists give the counts that their publishers state. Skipped where ../shared/data is absent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from viralsim.errors import DataError
from viralsim.graph import graph_info, read_graph

DATA = Path(__file__).parents[2].parent / "shared" / "data"


def real(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"real data not here: {path}")
    return path


@pytest.mark.parametrize(
    ("name", "direction", "people", "kept", "self_loops", "merged"),
    [
        ("ego-facebook/facebook_combined.txt.gz", "mutual", 4_039, 88_234, 0, 0),
        ("wiki-vote/wiki-Vote.txt.gz", "influences", 7_115, 103_689, 0, 0),
        ("soc-epinions1/soc-Epinions1_wcc.txt.gz", "follows", 75_877, 508_836, 0, 0),
        ("email-eu-core/email-Eu-core.txt.gz", "influences", 1_005, 25_571 - 642, 642, 0),
        ("lastfm/lastfm_edges.csv.gz", "mutual", 7_624, 27_806, 0, 0),
        ("nethept/hep.txt.gz", "mutual", 15_233, 31_376, 39, 27_476),
        ("nethept/NetHEPT_wc.txt.gz", "influences", 15_233, 32_213, 22, 0),
        ("musae-twitch/DE_edges.csv.gz", "mutual", 9_498, 153_138, 0, 0),
        ("musae-twitch/ENGB_edges.csv.gz", "mutual", 7_126, 35_324, 0, 0),
        ("bitcoin-otc/soc-sign-bitcoinotc.csv.gz", "influences", 5_881, 35_592, 0, 0),
        ("digg2009/graph_filtered.csv.gz", "follows", 3_482, 89_024, 0, 0),
        ("copenhagen/calls.csv.gz", "influences", 536, 924, 0, 2_676),
        ("stackexchange-android/edges.txt.gz", "mutual", 9_940, 42_915, 0, 5_658),
        ("netdiffuser/medInnovations_edges.csv.gz", "influences", 119, 294, 0, 0),
    ],
)
def test_published_counts(name, direction, people, kept, self_loops, merged):
    graph = read_graph(real(name), direction=direction)
    report = graph.report
    assert (graph.people, report.kept, report.self_loops, report.merged) == (people, kept, self_loops, merged)
    assert len(graph.arcs) == kept * (2 if direction == "mutual" else 1)
    beside = report.comments + report.blanks + bool(report.header) + bool(report.count_line)
    assert report.lines == report.rows + beside


def test_ego_facebook_is_what_snap_says():
    info = graph_info(read_graph(real("ego-facebook/facebook_combined.txt.gz")))
    assert (info["edges"], info["components"], info["max_followers"]) == (88_234, 1, 1_045)
    assert info["mean_clustering"] == pytest.approx(0.6055, abs=5e-5)


def test_wiki_vote_is_what_snap_says():
    info = graph_info(read_graph(real("wiki-vote/wiki-Vote.txt.gz"), direction="follows"))
    assert (info["arcs"], info["largest_component"], info["isolated"]) == (103_689, 7_066, 0)
    assert info["mean_clustering"] == pytest.approx(0.1409, abs=5e-5)
    assert info["max_followers"] == 457  # votes for one person


def test_nethept_counts_joint_papers():
    """58,891 is the number of rows; its first line announces it and must not become an arc."""
    graph = read_graph(real("nethept/hep.txt.gz"))
    assert graph.report.rows == 58_891
    assert graph.report.count_line == "15233 58891"
    assert int(graph.arcs.multiplicity.sum()) == 2 * (58_891 - 39)


def test_nethept_probabilities_are_one_over_in_degree():
    graph = read_graph(real("nethept/NetHEPT_wc.txt.gz"), direction="influences", probability_column=3)
    assert graph.arcs.probability is not None
    assert np.all((graph.arcs.probability > 0) & (graph.arcs.probability <= 1))


def test_ratings_are_no_trust():
    path = real("bitcoin-otc/soc-sign-bitcoinotc.csv.gz")
    with pytest.raises(DataError) as caught:
        read_graph(path, trust_column=3)
    assert str(caught.value) == (
        f"{path}:1: trust is 8, expected a number from 0 to 1\n"
        "  hint: trust goes from 0 (none) to 1 (full): rescale it, e.g. r / 100 for percentages, "
        "(r + 10) / 20 for ratings from -10 to 10"
    )


def test_pajek_is_recognised():
    with pytest.raises(DataError) as caught:
        read_graph(real("facebook100/Caltech36.net.gz"))
    assert "this looks like a Pajek file" in caught.value.hint
