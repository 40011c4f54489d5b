"""Real edge lists give the counts that their publishers state. Skipped where ../shared/data is absent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from viralsim.errors import DataError
from viralsim.graph import communities, graph_info, load_network, read_graph
from viralsim.graph.health import graph_health

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


@pytest.mark.parametrize(
    ("school", "people", "edges", "dorms"), [("Caltech36", 769, 16_656, 9), ("American75", 6_386, 217_662, 26)]
)
def test_facebook_schools(school, people, edges, dorms):
    graph = read_graph(real(f"facebook100/{school}.net.gz"), people=real(f"facebook100/{school}.nodelist.gz"))
    report = graph.report
    assert (graph.people, report.rows, report.kept) == (people, edges, edges)
    assert (report.people_rows, report.only_in_table, report.not_in_table) == (people, 0, 0)
    assert graph_info(graph)["attributes"]["dorm"] == dorms
    assert graph.position("0") == 0  # called by label, not by number
    assert report.lines == edges + people + 2


def test_ratings_become_trust():
    graph = read_graph(
        real("bitcoin-otc/soc-sign-bitcoinotc.csv.gz"), direction="influences", trust_column=3, trust_map="(r+10)/20"
    )
    assert len(graph.arcs) == 35_592
    assert (graph.arcs.trust.min(), graph.arcs.trust.max()) == (0.0, 1.0)
    assert np.mean(graph.arcs.trust > 0.5) == pytest.approx(0.89, abs=0.01)  # 89% positive, says its publisher


@pytest.mark.parametrize(
    ("ties", "table", "options", "attribute", "values", "people"),
    [
        ("lastfm/lastfm_edges.csv.gz", "lastfm/lastfm_target.csv.gz", {}, "target", 18, 7_624),
        (
            "email-eu-core/email-Eu-core.txt.gz",
            "email-eu-core/email-Eu-core-department-labels.txt.gz",
            {},
            "column 2",
            42,
            1_005,
        ),
        (
            "musae-twitch/DE_edges.csv.gz",
            "musae-twitch/DE_target.csv.gz",
            {"people_id_column": "new_id"},
            "partner",
            2,
            9_498,
        ),
        (
            "musae-twitch/ENGB_edges.csv.gz",
            "musae-twitch/ENGB_target.csv.gz",
            {"people_id_column": "new_id"},
            "views",
            None,
            7_126,
        ),
    ],
)
def test_people_tables(ties, table, options, attribute, values, people):
    graph = read_graph(real(ties), people=real(table), **options)
    report = graph.report
    assert (graph.people, report.people_rows, report.only_in_table, report.not_in_table) == (people, people, 0, 0)
    assert values is None or graph_info(graph)["attributes"][attribute] == values
    assert graph.attribute(attribute).dtype.kind in "ib"


def test_people_table_with_the_wrong_ids_says_which_are_right():
    with pytest.raises(DataError) as caught:
        read_graph(real("musae-twitch/DE_edges.csv.gz"), people=real("musae-twitch/DE_target.csv.gz"))
    assert "column 'new_id' holds ids of the network" in caught.value.hint


def test_a_plan_seeds_every_country():
    from viralsim.outcome import simulate
    from viralsim.scenario import read_scenario

    scenario = read_scenario(
        settings=[
            f"network.file={real('lastfm/lastfm_edges.csv.gz')}",
            f"network.people_file={real('lastfm/lastfm_target.csv.gz')}",
            "plan.countries.wave.start.strategy=random",
            "plan.countries.wave.start.count=2",
            "plan.countries.wave.start.per=target",
            "plan.one.wave.start.strategy=degree",
            "plan.one.wave.start.count=3",
            "plan.one.wave.start.where={target = 17}",
        ]
    )
    graph = load_network(scenario.network)
    assert simulate(scenario, plan="countries", graph=graph, realisations=10).engaged.mean >= 36
    assert simulate(scenario, plan="one", graph=graph, realisations=10).engaged.mean >= 3


@pytest.mark.parametrize(("school", "people", "without_dorm"), [("Caltech36", 769, 172), ("American75", 6_386, 3_082)])
def test_facebook100_codes_missing_as_zero(school, people, without_dorm):
    ties, table = real(f"facebook100/{school}.net.gz"), real(f"facebook100/{school}.nodelist.gz")
    plain = read_graph(ties, people=table)
    graph = read_graph(ties, people=table, people_missing=["0"])
    assert (graph.people, graph.report.only_in_table, graph.report.not_in_table) == (people, 0, 0)
    for name in ("gender", "major_index", "dorm", "year"):
        known = plain.attribute(name)
        assert (np.isnan(graph.attribute(name)) == (known == 0)).all()
    assert int(np.isnan(graph.attribute("dorm")).sum()) == without_dorm


EVERY_SET = {
    "ego-facebook": ["file=ego-facebook/facebook_combined.txt.gz"],
    "email-eu-core": [
        "file=email-eu-core/email-Eu-core.txt.gz",
        "people_file=email-eu-core/email-Eu-core-department-labels.txt.gz",
        "direction=influences",
    ],
    "wiki-vote": ["file=wiki-vote/wiki-Vote.txt.gz", "direction=follows"],
    "nethept": ["file=nethept/hep.txt.gz"],
    "lastfm": ["file=lastfm/lastfm_edges.csv.gz", "people_file=lastfm/lastfm_target.csv.gz"],
    "American75": [
        "file=facebook100/American75.net.gz",
        "people_file=facebook100/American75.nodelist.gz",
        "people_missing=['0']",
    ],
    "Caltech36": [
        "file=facebook100/Caltech36.net.gz",
        "people_file=facebook100/Caltech36.nodelist.gz",
        "people_missing=['0']",
    ],
    "musae-twitch DE": [
        "file=musae-twitch/DE_edges.csv.gz",
        "people_file=musae-twitch/DE_target.csv.gz",
        "people_id_column=new_id",
    ],
    "musae-twitch ENGB": [
        "file=musae-twitch/ENGB_edges.csv.gz",
        "people_file=musae-twitch/ENGB_target.csv.gz",
        "people_id_column=new_id",
    ],
    "soc-epinions1": ["file=soc-epinions1/soc-Epinions1_wcc.txt.gz", "direction=follows"],
    "bitcoin-otc": [
        "file=bitcoin-otc/soc-sign-bitcoinotc.csv.gz",
        "direction=influences",
        "trust_column=3",
        "trust_map=(r+10)/20",
    ],
    "copenhagen": [
        "file=copenhagen/cns_edges.txt.gz",
        "source_column=2",
        "target_column=3",
        "platform_column=1",
        "platform_names={1='calls', 2='friendships', 3='texts'}",
    ],
    "ckm-physicians": [
        "file=ckm-physicians/CKM-Physicians-Innovation_multiplex.edges",
        "people_file=ckm-physicians/CKM-Physicians-Innovation_nodes.txt",
        "direction=influences",
        "source_column=2",
        "target_column=3",
        "platform_column=1",
        "platform_names={1='advice', 2='discussion', 3='friends'}",
    ],
}


@pytest.mark.parametrize("name", EVERY_SET)
def test_a_scenario_runs_on_every_set(name):
    """What was read is all there (rows = kept + self-loops + merged), and a campaign spreads beyond its seeds."""
    from viralsim.outcome import simulate
    from viralsim.scenario import read_scenario

    settings = []
    for setting in EVERY_SET[name]:
        key, _, value = setting.partition("=")
        settings.append(f"network.{key}={real(value) if key.endswith('file') else value}")
    layer = {"copenhagen": "texts", "ckm-physicians": "discussion"}.get(name)
    if layer:
        settings.append(f"platform.feed.layer={layer}")
    scenario = read_scenario(settings=[*settings, "item.content.stickiness=30%", "platform.feed.visibility=100%"])
    graph = load_network(scenario.network)
    report = graph.report
    assert report.rows == report.kept + report.self_loops + report.merged
    outcome = simulate(scenario, plan="random", graph=graph, realisations=5)
    assert outcome.engaged.mean > 10


@pytest.mark.parametrize(
    ("name", "modularity"),
    [
        ("email-eu-core/email-Eu-core.txt.gz", 0.4137),
        ("facebook100/Caltech36.net.gz", 0.4001),
        ("facebook100/American75.net.gz", 0.423),
        ("musae-twitch/ENGB_edges.csv.gz", 0.4517),
        ("bitcoin-otc/soc-sign-bitcoinotc.csv.gz", 0.4838),
        ("lastfm/lastfm_edges.csv.gz", 0.8151),
    ],
)
def test_communities_are_as_clear_as_networkx_finds_them(name, modularity):
    """Modularity of networkx's louvain_communities; label propagation said 0.00 to 0.21, and "no clear communities"."""
    graph = read_graph(real(name))
    assert communities(graph).modularity > modularity - 0.01
    assert any("clear communities" in text and "no clear" not in text for text in graph_health(graph).kind)
