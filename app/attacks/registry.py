"""Every species of the bench, by family."""

from collections.abc import Mapping

from app.attacks import edits, genuine, injections, prints, replays, screens
from app.attacks.species import Species

SPECIES: Mapping[str, Species] = {
    species.name: species
    for family in (genuine, prints, screens, replays, edits, injections)
    for species in family.SPECIES
}
