/** A phone and a server that keep to the wire, joined by an environment under the test's control. */
import { openOfficer } from "../../static/storage/officer.js";
import { createSync } from "../../static/sync/runner.js";
import { FakeServer } from "./fake_server.mjs";
import { freshPhone, putOfficer, savedVisit } from "./phone_fixture.mjs";
import { START_MS } from "./reference_fixture.mjs";

export async function joined({ officers = ["ani"] } = {}) {
  const { device } = freshPhone();
  const clock = { ms: START_MS };
  const server = new FakeServer({ now: () => clock.ms });
  const environment = {
    fetch: server.fetch,
    base: "/api/v1",
    now: () => clock.ms,
    random: () => 0.5,
    device,
    officer: openOfficer,
    app_version: "1.0.0",
    model: "Redmi 9A",
    connection: () => "cellular",
    storage: async () => ({ persisted: true, free_bytes: 1e9 }),
    exclusively: (work) => work(),
  };
  const people = [];
  for (const id of officers) {
    const officer = await putOfficer(device, id);
    server.enrolled(officer);
    people.push(officer);
  }
  const sync = createSync(environment);
  return {
    device, server, environment, sync, clock, officers: people,
    db: openOfficer(officers[0]),
    /** Save a visit now and let undo pass. */
    async save(options = {}) {
      const officer = people.find((one) => one.id === (options.officer ?? officers[0]));
      const record = await savedVisit(openOfficer(officer.id), { nowMs: clock.ms, token: officer.token, ...options });
      clock.ms += 11_000;
      return record;
    },
  };
}

export const isRecords = (request) => request.path === "/records" && request.method === "POST";
export const isPut = (request) => request.method === "PUT";
export const isPing = (request) => request.path === "/ping";
export const cut = () => {
  throw new TypeError("Failed to fetch");
};
export const lostAnswer = async (_request, answer) => {
  await answer();
  throw new TypeError("Failed to fetch");
};
