// What the console loads: an editor, and two texts side by side.
export { mountEditor } from "./editor.js"
export { mountComparison } from "./comparison.js"
