"""Who is on which photo."""

from app.evaluation.subjects import subjects_by_column, subjects_by_photo


def test_the_parent_folder_is_the_subject() -> None:
    found = subjects_by_photo([("a/1", "a/2"), ("a/1", "b/1")], [True, False])
    assert found.left.tolist() == [0, 0]
    assert found.right.tolist() == [0, 1]
    assert (found.rule, found.contradictions) == ("parent folder of the photo", 0)


def test_in_a_folder_of_several_people_each_photo_is_its_own_subject() -> None:
    found = subjects_by_photo([("men/1", "men/2"), ("men/1", "men/3")], [False, False])
    assert found.left.tolist() == [0, 0]
    assert found.right.tolist() == [1, 2]


def test_folders_by_kind_of_photo_give_way_to_genuine_pairs() -> None:
    photos = [("id/1", "selfie/1"), ("id/2", "selfie/2"), ("id/1", "selfie/2")]
    found = subjects_by_photo(photos, [True, True, False])
    assert found.rule == "photos joined by genuine pairs"
    assert found.left.tolist() == [*found.right.tolist()[:2], found.left[0]]
    assert found.right[2] == found.left[1]
    assert found.contradictions == 0


def test_labels_that_contradict_each_other_are_counted() -> None:
    photos = [("x/1", "y/2"), ("y/2", "z/3"), ("x/1", "z/3")]
    assert subjects_by_photo(photos, [True, True, False]).contradictions == 1


def test_stated_subjects_are_taken_as_stated() -> None:
    found = subjects_by_column([("wang", "wang"), ("wang", "li"), ("li", "li")], [True] * 3)
    assert found.left.tolist() == [0, 0, 1]
    assert found.contradictions == 1
