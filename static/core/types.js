// @ts-check
/**
 * The shapes that the rooms of the phone hand to each other. Types only: nothing here runs.
 * Field names are those of the wire (snake_case, unit in the name); instants are UTC text with
 * milliseconds and Z. Functions are camelCase.
 */

/** @typedef {string} Instant "2026-05-04T02:14:41.003Z" */
/** @typedef {"gsm"|"wcdma"|"lte"|"nr_nsa"|"nr_sa"} Technology */

/**
 * What a visit says of its jorong: a known area, or a name as the residents say it.
 * @typedef {{id: string|null, claimed: ClaimedArea|null}} VisitArea
 * @typedef {{name: string, nagari_id: string|null, said_by: string|null}} ClaimedArea
 */

/**
 * @typedef {Object} Position
 * @property {number|null} latitude_deg
 * @property {number|null} longitude_deg
 * @property {number|null} accuracy_m
 * @property {number|null} altitude_m
 * @property {number} fixes           how many fixes went into it
 * @property {Instant|null} position_time  the browser's time of the newest fix used
 * @property {"averaged"|"single"|"manual"} method
 * @property {string|null} reason     why by hand
 */

/**
 * One fix as the device room hands it over (from GeolocationPosition).
 * @typedef {Object} Fix
 * @property {number} latitude_deg
 * @property {number} longitude_deg
 * @property {number} accuracy_m
 * @property {number|null} altitude_m
 * @property {number} time_ms         GeolocationPosition.timestamp, ms since 1970
 */

/**
 * @typedef {Object} ServiceTest
 * @property {string} operator
 * @property {string} handset         "own" or the name of another handset in the bag
 * @property {number|null} sim_slot
 * @property {string} result          "none" | "emergency_only" | "voice" | "voice_sms" | "data" (see reference choices)
 * @property {string|null} proof      "quick" | "proven"; null when the result is not none
 * @property {Technology|null} technology
 * @property {number|null} waited_s
 * @property {boolean} airplane_toggled
 * @property {string[]} networks_heard
 * @property {Instant} at
 */

/**
 * @typedef {Object} Reading
 * @property {string} operator
 * @property {Technology|null} technology  null while the officer has not said
 * @property {string} handset
 * @property {number|null} sim_slot
 * @property {number|null} [rsrp_dbm]
 * @property {number|null} [rsrq_db]
 * @property {number|null} [sinr_db]
 * @property {number|null} [rssi_dbm]
 * @property {number|null} [rscp_dbm]
 * @property {number|null} [ecno_db]
 * @property {number|null} bars
 * @property {"typed"|"imported"} source
 * @property {string|null} raw_text   what the officer typed, letter for letter
 * @property {Instant} at
 */

/**
 * @typedef {Object} OriginalPhoto
 * @property {string} sha256
 * @property {number} bytes
 * @property {string|null} exif_time
 * @property {number|null} exif_latitude_deg
 * @property {number|null} exif_longitude_deg
 * @property {string|null} model
 */

/**
 * A photo as the payload names it; its bytes are in the files store under both hashes.
 * @typedef {Object} Photo
 * @property {string} sha256
 * @property {string} thumbnail_sha256
 * @property {string} kind            "proof_screen" | "site" | ... (see reference choices)
 * @property {number} bytes
 * @property {number} width_px
 * @property {number} height_px
 * @property {Instant} taken_at
 * @property {OriginalPhoto|null} original
 */

/**
 * What the form edits. Everything the payload needs and no more; saved on every change.
 * @typedef {Object} VisitDraft
 * @property {string} id              the visit's uuidv7, kept through all revisions
 * @property {boolean} practice
 * @property {string|null} campaign_id
 * @property {number} config_version
 * @property {VisitArea} area
 * @property {string} area_name       for lists only, never sent
 * @property {string|null} place_kind
 * @property {string|null} setting
 * @property {string|null} power
 * @property {string|null} usually_signal
 * @property {Instant} started_at
 * @property {Instant} updated_at
 * @property {Position|null} position
 * @property {{model: string|null, app_version: string}} phone
 * @property {string[]} companions
 * @property {ServiceTest[]} service_tests
 * @property {Reading[]} readings
 * @property {Object<string, unknown>[]} data_tests
 * @property {string[]} services_failing
 * @property {Photo[]} photos
 * @property {string} note
 * @property {string|null} incomplete_reason
 * @property {Correction|null} correction  set when this draft corrects a saved revision
 * @property {Object<string, unknown>} [form] anything the form alone wants to remember (open section, ...)
 */

/**
 * @typedef {Object} Correction
 * @property {string} base            sha256 of the revision it corrects
 * @property {number} revision        number of the new revision
 * @property {string|null} seen_review id of the newest review the officer has seen
 * @property {string|null} reason
 * @property {Object<string, unknown>} payload the revision corrected: fields this app does not know are kept
 */

/**
 * What a payload says of the clock that stamped it; the offset is server time minus phone time.
 * `measured`: the offset holds. `never`: no contact yet. `changed`: the clock was set since the last
 * contact or during the visit, by `step_ms` where that is known. `doubtful`: the server's clock was odd.
 * @typedef {{server_offset_ms: number|null, server_contact_at: Instant|null, state?: "measured"|"never"|"changed"|"doubtful", step_ms?: number|null}} Clock
 */

/** @typedef {"visit"|"track"|"track_part"|"jorong_profile"|"comment"|"radio_log"|"withdrawal"} RecordKind */

/**
 * Where a revision is on its way. `waiting` is unsent, `refused` is unsent and the server said no,
 * `acked` is held by the server (see `result` for how), `erased` was erased by the office: its
 * payload is empty here too.
 * @typedef {"waiting"|"refused"|"acked"|"erased"} SendState
 * @typedef {"stored"|"already_stored"|"conflict"|"quarantined"} AckResult
 */

/**
 * One frozen revision of one record. `payload` never changes; only the fields from `state` on do.
 * @typedef {Object} StoredRecord
 * @property {string} sha256          of the UTF-8 of payload: the identity of the revision
 * @property {string} id
 * @property {RecordKind} kind
 * @property {number} schema
 * @property {number} revision
 * @property {string|null} base
 * @property {string|null} seen_review
 * @property {string} payload         the exact JSON text
 * @property {string} seal            HMAC made at save with the token of that day
 * @property {Instant} saved_at       by the phone's clock
 * @property {Instant} [happened_at]  by the server's, where the offset was known; absent in records of older apps
 * @property {string[]} files         sha256 of every file the payload names, thumbnails first
 * @property {number} photos          how many of `files`, the last ones, are photos
 * @property {string|null} subject    the visit a comment or withdrawal speaks of; for a visit its own id
 * @property {{area_id: string|null, area_name: string, practice: boolean}} summary
 * @property {number} order           counts up on this phone, whatever the clock does
 * @property {VisitDraft|null} draft  kept while "Urungkan" is possible, then null
 * @property {number} send_after_ms   held back until then (ms since 1970)
 * @property {SendState} state
 * @property {AckResult|null} result
 * @property {{code: string, message: string}|null} refusal
 * @property {{field: string, message: string}[]} errors
 * @property {number} tries
 * @property {number} next_try_ms
 * @property {Instant|null} acked_at
 */

/**
 * A file's row, without its bytes. `draft`: only a draft names it. `waiting`: its record is not
 * acknowledged yet. `queued`: to be sent. `sent`: the server has all of it. `refused`: the server
 * will not take it (kept). `damaged`: our bytes no longer have their hash (kept). `lost`: the
 * server asks for it and the phone no longer has it.
 * @typedef {"draft"|"waiting"|"queued"|"sent"|"refused"|"damaged"|"lost"} FileState
 * @typedef {"photo"|"thumbnail"|"radio_log"|"track_file"|"attachment"} FileKind
 *
 * @typedef {Object} StoredFile
 * @property {string} sha256
 * @property {FileKind} kind
 * @property {string} type            content type, "image/jpeg"
 * @property {number} bytes
 * @property {FileState} state
 * @property {boolean} held           the bytes are on this phone
 * @property {Instant} added_at
 * @property {Instant|null} sent_at
 * @property {Instant|null} safe_at   the server said it is in a backup
 * @property {boolean} [fetched]      it came from the server: this phone's copy is one of two
 * @property {number} offset          bytes the server is known to have
 * @property {number} tries
 * @property {number} next_try_ms
 * @property {string|null} refusal    code
 */

/** @typedef {{text_sent: boolean, files_total: number, files_sent: number, photos_total: number, photos_sent: number, bytes_left: number}} Progress */

/** @typedef {"area"|"campaign"|"assignment"|"visit"|"review"|"comment"|"rule"|"operator"|"notice"} RemoteKind */
/** @typedef {{kind: RemoteKind, id: string, data: Object<string, any>, generation: number, sort_at?: string}} RemoteRow `sort_at`: of visits */

/**
 * One line of "Kunjungan saya": what the phone saved, joined with what the server says of it.
 * @typedef {Object} OwnVisit
 * @property {string} id
 * @property {string} area_name
 * @property {string|null} area_id
 * @property {boolean} practice
 * @property {Instant} saved_at       of the newest revision
 * @property {Instant} happened_at    of the stand: corrections do not move it
 * @property {StoredRecord[]} revisions  oldest first; empty when it is known from the server only
 * @property {StoredRecord|null} withdrawal
 * @property {StoredRecord[]} comments   own comments saved here
 * @property {Object<string, any>|null} remote   data of the server's `visit` row
 * @property {Object<string, any>[]} reviews     data of the server's `review` rows, oldest first
 * @property {Object<string, any>[]} remote_comments
 * @property {Progress} progress      of the newest revision
 */

/**
 * @typedef {"held"|"waiting"|"sending"|"sent"|"received"|"returned"|"edited"|"approved"|"rejected"|"withdrawn"|"conflict"|"refused"|"quarantined"|"erased"} StateKey
 * @typedef {{key: StateKey, label: string, detail: string, todo: string|null, tone: "calm"|"good"|"attention"|"bad"}} RecordState
 */

/**
 * An officer enrolled on this phone.
 * @typedef {Object} Officer
 * @property {string} id
 * @property {string} name
 * @property {string} language
 * @property {string} token           256 bit, base64url
 * @property {string} device_id
 * @property {Instant} enrolled_at
 * @property {"active"|"needs_code"} state
 * @property {string|null} supervisor  whom to call for a new code, when the server said so
 */

/** @typedef {{label: string, operator: string, handset: string, sim_slot: number|null}} SimCard one card of "Kartu hari ini" */
/** @typedef {{day: string, cards: SimCard[]}} CardsOfTheDay */

/**
 * @typedef {"no_network"|"slow"|"captive_portal"|"blocked"|"server_down"|"server_full"|"busy"|"needs_code"|"refused"|"storage_full"|"storage_broken"|"unexpected"} FailureKind
 * @typedef {{kind: FailureKind, code: string|null, message: string|null, officer_id: string|null, offline?: boolean}} FailureFacts
 *   `offline`: the phone itself said that there is no network
 *
 * What the one pill shows. `failure` stays until a run succeeds, also over a restart.
 * @typedef {Object} SyncStatus
 * @property {"idle"|"connecting"|"sending_records"|"sending_files"|"receiving"} phase
 * @property {number} unsent_records
 * @property {number} unsent_files
 * @property {number} done            of this run's records or files
 * @property {number} total
 * @property {number} photos_waiting_for_wifi
 * @property {Instant|null} last_contact_at
 * @property {FailureFacts|null} failure
 * @property {number|null} next_try_ms
 * @property {Instant|null} paused_at  the officer paused the sending then
 * @property {number|null} moved_ms    when something last arrived in this run, by the phone's clock
 * @property {Object<string, OfficerStatus>} officers  by officer id
 *
 * @typedef {{unsent_records: number, unsent_files: number, needs_code: boolean, last_contact_at: Instant|null}} OfficerStatus
 */

/**
 * Bounds of one quantity, inclusive, in the unit its name carries.
 * @typedef {{minimum: number, maximum: number, unit?: string}} Limit
 */

/** @typedef {{field: string, message: string, severity: "missing"|"question"}} Warning */

export {};
