/** A phone and a server that keep to the wire, joined by an environment under the test's control. */
import { openOfficer } from "../../static/storage/officer.js";
import { createSync } from "../../static/sync/runner.js";
import { FakeServer } from "./fake_server.mjs";
import { freshPhone, putOfficer, savedVisit } from "./phone_fixture.mjs";
import { START_MS } from "./reference_fixture.mjs";

export async function joined({ officers = ["ani"] } = {}) {
  const { device } = freshPhone();
  const clock = { ms: START_MS };
  const alarms = [];
  const server = new FakeServer({ now: () => clock.ms });
  const environment = {
    // each request is told the time limit it has
    fetch: (url, init) => server.fetch(url, { ...init, alarm: alarms.at(-1) }),
    base: "/api/v1",
    now: () => clock.ms,
    monotonic: () => clock.ms,
    alarm: (ms, ring) => {
      const alarm = { ms, ring };
      alarms.push(alarm);
      return () => alarms.splice(alarms.indexOf(alarm), 1);
    },
    random: () => 0.5,
    device,
    officer: openOfficer,
    app_version: "1.0.0",
    model: "Redmi 9A",
    connection: () => "cellular",
    online: () => true,
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
    device, server, environment, sync, clock, alarms, officers: people,
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
/** Silence until the phone gives up: its time limit rings, whatever it is. */
export const silence = (request) => new Promise((_resolve, reject) => {
  request.signal.addEventListener("abort", () => reject(request.signal.reason));
  queueMicrotask(request.alarm.ring);
});
export const lostAnswer = async (_request, answer) => {
  await answer();
  throw new TypeError("Failed to fetch");
};
