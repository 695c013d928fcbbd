// @ts-check
/** Pengaturan: language, looks, cards of the day, sending, storage, version, officers, the way out. */
import { nt, t } from "../../core/messages.js";
import { leaveDuty, setLanguage, setPractice, setTheme } from "../duty.js";
import { Frame } from "../frame.js";
import { ChooseOne } from "../kit/choice.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { goInstead, linkTo } from "../router.js";
import { language, officer, officers, practice, theme } from "../state.js";
import { SendingSettings } from "../settings/sending.js";
import { StorageSettings } from "../settings/storage.js";
import { FolderCard } from "../rescue/folder_card.js";
import { VersionSettings } from "../settings/version.js";
import { operatorName } from "../visit/lists.js";
import { cards } from "../work.js";

export function Settings() {
  const lock = async () => {
    await leaveDuty();
    goInstead("who");
  };
  return html`<${Frame} title=${t("Settings")} place="settings">
    <div class="stack">
      <section class="card" aria-label=${t("Language and looks")}>
        <${ChooseOne} label=${t("Bahasa / Language")} testid="language" value=${language.value} onChange=${setLanguage}
          options=${[{ key: "id", label: "Bahasa Indonesia" }, { key: "en", label: "English" }]} />
        <${ChooseOne} label=${t("Screen")} testid="theme" value=${theme.value} onChange=${setTheme}
          options=${[{ key: "auto", label: t("Like the phone") }, { key: "light", label: t("Light, for sun") }, { key: "dark", label: t("Dark, for night") }]} />
      </section>
      <section class="card" aria-labelledby="cards-title"><h2 id="cards-title">${t("Cards today")}</h2>
        <p>${cards.value.cards.length > 0 ? cards.value.cards.map((card) => operatorName(card.operator)).join(", ") : t("Not set yet")}
          ${cards.value.cards.length > 0 && !cards.value.confirmed && html` <span class="soft">${t("(from an earlier day)")}</span>`}</p>
        <a class="button" href=${linkTo("cards")} data-testid="settings-cards"><${Icon} name="sim" />${t("Change cards")}</a>
      </section>
      <section class="card" aria-labelledby="practice-title"><h2 id="practice-title">${t("Practice")}</h2>
        <p>${t("Try everything out: practice visits count nowhere and have a striped bar.")}</p>
        <${ChooseOne} hideLabel=${true} label=${t("Practice")} testid="practice" value=${practice.value ? "on" : "off"} onChange=${(/** @type {string} */ key) => setPractice(key === "on")}
          options=${[{ key: "on", label: t("Practice"), icon: "practice" }, { key: "off", label: t("Real work"), icon: "pin" }]} />
      </section>
      <${SendingSettings} />
      <${StorageSettings} />
      <${FolderCard} />
      <${VersionSettings} />
      <section class="card" aria-labelledby="officers-title"><h2 id="officers-title">${t("Officers on this phone")}</h2>
        <p class="row"><${Icon} name="person" /><strong>${officer.value?.name}</strong> ${officers.value.length > 1 && html`<span class="soft">${nt("and {n} other", "and {n} others", officers.value.length - 1)}</span>`}</p>
        <div class="cluster">
          ${officers.value.length > 1 && html`<a class="button" href=${linkTo("who")} data-testid="change-officer"><${Icon} name="people" />${t("Change officer")}</a>`}
          <a class="button" href=${linkTo("enrol")} data-testid="add-officer"><${Icon} name="plus" />${t("Add an officer")}</a>
          <button type="button" class="button" data-testid="sign-out" onClick=${lock}><${Icon} name="lock" />${t("Sign out (locks only)")}</button>
        </div>
        <p class="small soft">${t("Signing out deletes nothing: drafts and unsent visits stay and are still sent.")}</p>
      </section>
      <section class="card" aria-labelledby="privacy-title"><h2 id="privacy-title">${t("Personal data")}</h2>
        <a class="button" href=${linkTo("notice")}>${t("Read the notice again")}</a></section>
    </div>
  <//>`;
}
