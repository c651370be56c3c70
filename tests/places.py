"""The places of the tests: two counties that are on no map, and what lies in them."""

from domain.regions import DivisionPath

COUNTY = DivisionPath("990101")
TOWNSHIP = DivisionPath("990101100")
VILLAGE = DivisionPath("990101100001")
OTHER_VILLAGE = DivisionPath("990101100002")
OTHER_TOWNSHIP = DivisionPath("990101101")
OTHER_TOWNSHIP_VILLAGE = DivisionPath("990101101001")
OTHER_COUNTY = DivisionPath("990102")
OTHER_COUNTY_VILLAGE = DivisionPath("990102100001")
NAMES = {
    "99": "虚构省",
    "9901": "虚构市",
    COUNTY: "石桥县",
    TOWNSHIP: "城关镇",
    VILLAGE: "东街村",
    OTHER_VILLAGE: "新华村",
    OTHER_TOWNSHIP: "柳溪乡",
    OTHER_TOWNSHIP_VILLAGE: "新华村",
    "990101101002": "河口社区",
    OTHER_COUNTY: "青山县",
    "990102100": "青山镇",
    OTHER_COUNTY_VILLAGE: "上坝村",
}
