import { checkModel, parseModel } from "@reckon/model";
import { expect, it } from "vitest";
import { attributeKinds } from "./attribute-kinds.ts";

const text = `model points
axis player = table("players.csv", key id)
axis club = A, B

block game by player
  input minutes = player.minutes
  input factor = 2
  plain = minutes * factor * league.rate
  first = minutes[p1]
  mate = player.minutes[player.mate] + 1
  named = IF(MEMBER(player) = "p1", 1, 0)
  place = MEMBER_INDEX(player)
  behind = first + plain

block wide by player, club
  each = game.plain * 2

block league
  rate = 1.5
  total = sum(game.plain over player)
  after = total * 2

check game.plain > 0  "All play"
check league.total > 0  "Some play"
`;

function kindsOf(): ReturnType<typeof attributeKinds> {
  const checked = checkModel(parseModel("points.reckon", text), () => ({
    source: "players.csv",
    rows: 2,
    columns: [
      { name: "id", values: ["p1", "p2"] },
      { name: "minutes", values: [1, 2] },
      { name: "mate", values: ["p2", "p1"] },
    ],
    lines: [2, 3],
  }));
  expect(checked.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return attributeKinds(checked.value as NonNullable<typeof checked.value>, "player");
}

it("[BA1] what reads only the current member is per entity, what reads nothing of the axis invariant", () => {
  const { attributes, checks } = kindsOf();
  for (const id of ["player.minutes", "game.minutes", "game.factor", "game.plain", "game.named", "wide.each"])
    expect([id, attributes.get(id)]).toEqual([id, "per-entity"]);
  expect(attributes.get("league.rate")).toBe("invariant");
  expect(checks.get("All play")).toBe("per-entity");
});

it("[BA2] what reads other members, or which member of how many it is, is across, with all that reads it", () => {
  const { attributes, checks, because } = kindsOf();
  for (const id of ["game.first", "game.mate", "game.place", "game.behind", "league.total", "league.after"])
    expect([id, attributes.get(id)]).toEqual([id, "across"]);
  expect(checks.get("Some play")).toBe("across");
  expect(because.get("game.behind")).toBe("game.first");
  expect(because.get("league.after")).toBe("league.total");
  expect(because.get("Some play")).toBe("league.total");
});
