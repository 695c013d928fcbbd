// @ts-check
/**
 * One field for what a phone shows: number keyboard, keys for names and sign, what was understood
 * as chips, and a question where something is odd. The text itself is kept as evidence.
 */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { openQuestions, QUANTITIES, textOf, withAnswer, withText } from "../../core/readings.js";
import { limit, reference } from "../../core/reference.js";
import { insertName, turnSign } from "../../core/typed_keys.js";
import { answerText, questionText, valueText } from "../../core/typed_questions.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Chip } from "../kit/notice.js";
import { simKey } from "./edit.js";

/** @typedef {import("../../core/types.js").Reading} Reading */
/** @typedef {import("../../core/typed_rules.js").Question} Question */

/** No question while somebody types: a half number is always odd. */
const PAUSE_MS = 1200;

/** Lines that a narrow screen needs. @param {string} text */
const rowsOf = (text) => Math.min(6, text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 22)), 0));

/** Names on the keys: the quantities of the network but the total power. @param {Reading["technology"]} technology @returns {string[]} */
function keyNames(technology) {
  const own = reference().technology_limits?.[technology ?? ""] ?? {};
  return technology === "gsm" ? [] : QUANTITIES.filter(([field]) => field in own && field !== "rssi_dbm").map(([, name]) => name);
}

/** @param {{sim: import("./edit.js").Sim, reading: Reading, onChange: (reading: Reading) => void}} props */
export function TypedField({ sim, reading, onChange }) {
  // the field keeps a space at its end that the reading does not need
  const [text, setText] = useState(() => textOf(reading));
  const [letters, setLetters] = useState(false);
  const [typing, setTyping] = useState(false);
  const area = useRef(/** @type {HTMLTextAreaElement|null} */ (null));
  const caret = useRef(/** @type {number|null} */ (null));
  const id = `typed-${simKey(sim)}`;
  useEffect(() => {
    if (!typing) return undefined;
    const timer = setTimeout(() => setTyping(false), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typing, text]);
  // before anything more can be typed
  useLayoutEffect(() => {
    if (caret.current === null || !area.current) return;
    area.current.focus();
    area.current.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });
  const type = (/** @type {string} */ next) => {
    setText(next);
    setTyping(true);
    onChange(withText(reading, { text: next }));
  };
  /** @param {(text: string, caret: number) => import("../../core/typed_keys.js").Typed} edit */
  const press = (edit) => {
    const next = edit(text, area.current?.selectionStart ?? text.length);
    caret.current = next.caret;
    type(next.text);
  };
  const turnKeyboard = () => {
    setLetters(!letters);
    // keyboards change with the next focus only
    area.current?.blur();
    caret.current = area.current?.selectionStart ?? text.length;
  };
  const key = (/** @type {string} */ name, /** @type {any} */ label, /** @type {() => void} */ onClick, /** @type {string} */ spoken = name) => html`<button type="button" class="button button--small typed__key" key=${name} aria-label=${spoken}
    data-testid="key-${sim.operator}-${name}" onPointerDown=${(/** @type {Event} */ event) => event.preventDefault()} onClick=${onClick}>${label}</button>`;
  return html`<div class="field typed" data-testid="typed-field-${sim.operator}">
    <div class="row row--between"><label for=${id}>${t("Numbers as the phone shows them")}</label><${HelpButton} operator=${sim.operator} /></div>
    <textarea id=${id} ref=${area} class="number" data-testid="typed-${sim.operator}" rows=${rowsOf(text)} inputmode=${letters ? "text" : "decimal"}
      autocomplete="off" autocapitalize="off" spellcheck=${false} placeholder="-108 dBm 32 ASU" value=${text} aria-describedby=${`${id}-read`}
      onInput=${(/** @type {any} */ event) => type(event.currentTarget.value)} onBlur=${() => setTyping(false)}></textarea>
    <div class="typed__keys" role="group" aria-label=${t("Keys for this field")}>
      ${key("sign", "+/\u2212", () => press(turnSign), t("Plus or minus"))}
      ${keyNames(reading.technology).map((name) => key(name, name, () => press((now, at) => insertName(now, at, name))))}
      ${key("letters", letters ? "123" : "ABC", turnKeyboard, letters ? t("Number keyboard") : t("Letter keyboard"))}
    </div>
    <div id=${`${id}-read`} class="stack stack--tight" aria-live="polite">
      <${Values} reading=${reading} operator=${sim.operator} />
      ${!typing && openQuestions(reading).map((question, n) => html`<${Asking} key=${`${question.code}-${question.field}-${n}`} question=${question} reading=${reading} operator=${sim.operator} onAnswer=${onChange} />`)}
    </div>
  </div>`;
}

/** @param {{reading: Reading, operator: string}} props */
function Values({ reading, operator }) {
  const values = QUANTITIES.flatMap(([field]) => (typeof reading[field] === "number" ? [{ field, value: Number(reading[field]) }] : []));
  if (values.length === 0) return null;
  return html`<span class="cluster" data-testid="understood-${operator}"><span class="visually-hidden">${t("Understood:")}</span>
    ${values.map(({ field, value }) => {
      const bounds = limit(field, reading.technology);
      const usual = !bounds || (value >= bounds.minimum && value <= bounds.maximum);
      return html`<${Chip} key=${field} tone=${usual ? "good" : "warn"} icon=${usual ? "check" : "warning"} testid="chip-${operator}-${field}">${valueText(field, value)}<//>`;
    })}</span>`;
}

/** @param {{question: Question, reading: Reading, operator: string, onAnswer: (reading: Reading) => void}} props */
function Asking({ question, reading, operator, onAnswer }) {
  const { code, answers, insist } = question;
  const name = `${operator}-${code}${question.field ? `-${question.field}` : ""}`;
  return html`<div class="notice notice--warn" data-testid="question-${name}"><${Icon} name="question" />
    <div class="grow stack stack--tight"><span>${questionText(question, reading.technology)}</span>
      ${(answers.length > 0 || insist) && html`<span class="cluster">
        ${answers.map((answer, n) => html`<button type="button" class="button button--small" key=${n} data-testid="answer-${name}-${n}" onClick=${() => onAnswer(withAnswer(reading, answer))}>${answerText(answer)}</button>`)}
        ${insist && html`<button type="button" class="button button--small button--quiet" data-testid="insist-${name}" onClick=${() => onAnswer(withAnswer(reading, insist))}>
          ${code === "bogus" ? t("Yes, it stands there") : t("Keep {values}", { values: answerText(insist) })}</button>`}
      </span>`}
    </div></div>`;
}

/** "Di mana?": the drawn help, loaded when it is asked for (it is on the phone already). @param {{operator: string}} props */
function HelpButton({ operator }) {
  const [Help, setHelp] = useState(/** @type {any} */ (null));
  const open = () => import("./signal_help.js").then((room) => setHelp(() => room.SignalHelp), () => undefined);
  return html`<button type="button" class="link-button" data-testid="help-${operator}" onClick=${open}><${Icon} name="question" />${t("Where is it?")}</button>
    ${Help && html`<${Help} onClose=${() => setHelp(null)} />`}`;
}
