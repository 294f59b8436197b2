// SPDX-License-Identifier: GPL-2.0-only
// What scripts in plain JavaScript use of the page.
export { LANES, freshMemory, layOut } from "../../../user/web/app/src/layout/rails";
export { stateOf } from "../../../user/web/app/src/model/state";
export { Recording } from "../../../user/web/app/src/model/recording";
