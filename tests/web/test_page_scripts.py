"""What the page's scripts compute, held to what the server computes."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from domain.challenge import LONGEST_MS
from tests.backend_world import id_number
from tests.web.scripts import run
from web.phone.static_files import FOLDER

VECTORS = json.loads(
    (Path(__file__).parents[2] / "field_app_spec/vectors/seal.json").read_text("utf-8")
)
LENGTHS = [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 262_144]


def test_both_ways_of_hashing_agree_with_ours() -> None:
    made = run(
        """const found = [];
        for (const length of given) {
          const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) % 251).buffer;
          const plain = sha256.hex(sha256.plainSha256(bytes));
          found.push([await sha256.sha256(bytes), plain]);
        }
        answer(found);""",
        "sha256.js",
        given=LENGTHS,
    )
    expected = [
        sha256(bytes((i * 7) % 251 for i in range(length))).hexdigest() for length in LENGTHS
    ]
    assert made == [[digest, digest] for digest in expected]


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["part"])
def test_sealing_gives_the_vectors_of_the_contract(case: dict[str, str]) -> None:
    """The secret enters as a JWK, which alone can carry a bare number of the curve."""
    made = run(
        """const url = (bytes) => seal.base64(bytes).replace(/[+]/g, "-").replace(/[/]/g, "_")
          .replace(/=+$/, "");
        const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (b) => parseInt(b, 16));
        const point = seal.unbase64(given.ephemeral_public);
        const jwk = { kty: "EC", crv: "P-256", d: url(unhex(given.ephemeral_private)),
          x: url(point.slice(1, 33)), y: url(point.slice(33)) };
        const curve = { name: "ECDH", namedCurve: "P-256" };
        const secret = await crypto.subtle.importKey("jwk", jwk, curve, false, ["deriveBits"]);
        const key = await seal.deriveKey({ secret, serverKey: given.server,
          clientId: given.client_id, name: given.part, ephemeral: given.ephemeral_public });
        const plain = seal.cut(unhex(given.plain).buffer, given.plain_chunk_bytes);
        const chunks = await seal.sealChunks(key, given.client_id, given.part, plain);
        answer(chunks.map((chunk) => seal.base64(chunk)));""",
        "seal.js",
        given=case | {"server": VECTORS["server_public_key"]},
    )
    assert made == case["chunks"]


def test_a_packed_part_says_what_it_is_and_fits_its_chunks() -> None:
    made = run(
        """const bytes = new Uint8Array(600000).buffer;
        const part = { clientId: "phone-0001", name: "video", bytes, mediaType: "video/mp4" };
        const server = { key_id: "1", public_key: given };
        const found = [];
        for (const by of [server, null]) {
          const packed = await seal.packPart(Object.assign({ server: by }, part));
          found.push([packed.entry, packed.chunks.map((chunk) => chunk.byteLength)]);
        }
        answer(found);""",
        "seal.js",
        given=VECTORS["server_public_key"],
    )
    (sealed, sizes), (plain, plain_sizes) = made
    assert sealed["sha256"] == plain["sha256"] == sha256(bytes(600_000)).hexdigest()
    assert (sizes, plain_sizes) == ([262_144, 262_144, 75_760], [262_144, 262_144, 75_712])
    assert (sealed["chunks"], plain["chunks"], plain["seal"]) == (3, 3, None)
    assert len(sealed["seal"]["ephemeral"]) == 88


def test_numbers_are_checked_as_the_server_checks_them() -> None:
    good = [id_number(n, "19411103") for n in range(1, 60)]
    assert any(number.endswith("X") for number in good)
    wrong = [number[:-1] + ("1" if number[-1] != "1" else "2") for number in good]
    odd = ["", "12345", "0" * 18, good[0][:6] + "19410230" + good[0][14:]]
    found = run("answer(given.map(idnumber.birthDate));", "idnumber.js", given=good + wrong + odd)
    assert found == ["1941-11-03"] * len(good) + [None] * (len(wrong) + len(odd))


def test_waiting_doubles_up_to_a_bound_and_is_never_the_same_for_all() -> None:
    early, late = run(
        """const delays = (chance) => Array.from({ length: 10 }, (_, i) =>
          retry.delayMs(i, () => chance));
        answer([delays(0), delays(1)]);""",
        "retry.js",
    )
    assert early[:3] == [400, 800, 1600]
    assert late[:3] == [800, 1600, 3200]
    assert late[-1] == late[-2] == 20_000


CHALLENGE = {
    "duration_ms": 3000,
    "steps": [{"action": "nod", "onset_ms": 500}, {"action": "blink", "onset_ms": 1700}],
    "light": {"segments": [{"colour": "white", "from_ms": 400, "to_ms": 900}]},
}


@pytest.mark.parametrize(
    ("elapsed", "step", "colour", "is_over"),
    [
        (0, -1, None, False),
        (499, -1, "white", False),
        (500, 0, "white", False),
        (900, 0, None, False),
        (1700, 1, None, False),
        (3000, 1, None, True),
    ],
)
def test_steps_and_colours_come_at_their_moments(
    elapsed: int,
    step: int,
    colour: str | None,
    is_over: bool,  # noqa: FBT001 - a column
) -> None:
    given = {"challenge": CHALLENGE, "elapsed": elapsed}
    found = run(
        "answer(challenge.at(given.challenge, given.elapsed));", "challenge.js", given=given
    )
    assert found == {"step": step, "colour": colour, "isOver": is_over}


@pytest.mark.parametrize(
    ("needs", "kinds"), [([], {"turn", "nod", "open"}), (["bedridden"], {"open", "phone"})]
)
def test_the_practice_asks_only_for_what_one_can_do(needs: list[str], kinds: set[str]) -> None:
    tried = run("answer(challenge.practice(given));", "challenge.js", given=needs)
    assert {step["action"].split("_")[0] for step in tried["steps"]} == kinds
    assert tried["duration_ms"] <= LONGEST_MS


FACE = {"x": 0.5, "y": 0.5, "width": 0.4}
FINE = {"luma": 120, "glare": 0, "motion": 3, "faces": [FACE]}


@pytest.mark.parametrize(
    ("seen", "hint"),
    [
        ({}, "ok"),
        ({"luma": 30}, "dark"),
        ({"luma": 240}, "bright"),
        ({"glare": 0.5}, "bright"),
        ({"faces": []}, "nobody"),
        ({"faces": [FACE, FACE | {"x": 0.1}]}, "many"),
        ({"faces": [FACE, FACE | {"x": 0.1, "width": 0.1}]}, "ok"),
        ({"faces": [FACE | {"width": 0.1}]}, "far"),
        ({"faces": [FACE | {"width": 0.9}]}, "near"),
        ({"faces": [FACE | {"x": 0.1}]}, "aside"),
        ({"motion": 40}, "shaky"),
        ({"faces": None}, "ok"),
        ({"faces": None, "luma": 20}, "dark"),
    ],
    ids=str,
)
def test_the_hint_names_what_matters_most(seen: dict[str, object], hint: str) -> None:
    script = (FOLDER / "hints.js").read_text("utf-8")
    body = script.partition("/**\n * @param {Seen}")[2].partition("/**\n * @param {ImageData}")[0]
    code = "function judge" + body.partition("function judge")[2]
    assert run(f"{code}answer(judge(given));", given=FINE | seen) == f"hint.{hint}"
