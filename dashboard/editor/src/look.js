// Colours come from Streamlit's theme, so both schemes are followed without asking which it is.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language"
import { EditorView } from "@codemirror/view"
import { tags as t } from "@lezer/highlight"

const st = name => `var(--st-${name})`
const mixed = (name, share) => `color-mix(in srgb, var(--st-${name}) ${share}%, transparent)`

const theme = EditorView.theme({
  "&": { height: "100%", fontSize: "12.5px", color: st("text-color"), backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: st("code-font"), lineHeight: "1.65", overflow: "auto" },
  ".cm-content": { caretColor: st("primary-color"), padding: "12px 0" },
  ".cm-gutters": { backgroundColor: "transparent", color: mixed("text-color", 62), border: "none", paddingLeft: "6px" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: mixed("primary-color", 7) },
  "&.cm-focused .cm-cursor": { borderLeftColor: st("primary-color"), borderLeftWidth: "2px" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground":
    { backgroundColor: mixed("primary-color", 22) },
  ".cm-jinja": { backgroundColor: mixed("violet-color", 12), borderRadius: "3px" },
  ".cm-tooltip": {
    backgroundColor: st("background-color"), color: st("text-color"), overflow: "hidden",
    border: `1px solid ${st("border-color")}`, borderRadius: "8px", boxShadow: "0 12px 32px rgb(16 24 40 / .18)",
  },
  ".cm-tooltip-autocomplete > ul": { fontFamily: st("code-font"), fontSize: "12px" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 10px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: st("primary-color"), color: "#fff" },
  ".cm-completionDetail": { opacity: 0.75, fontStyle: "normal" },
  ".cm-panels": { backgroundColor: st("secondary-background-color"), color: st("text-color"), borderColor: st("border-color") },
  ".cm-panel input, .cm-panel button": { font: `12px ${st("font")}`, color: "inherit", backgroundColor: st("background-color"), backgroundImage: "none", border: `1px solid ${st("border-color")}`, borderRadius: "6px" },
  ".cm-foldPlaceholder": { backgroundColor: "transparent", color: "inherit", border: `1px solid ${st("border-color")}` },
  ".cm-diagnostic": { fontFamily: st("font"), fontSize: "12.5px", padding: "6px 10px" },
  ".cm-changedLine": { backgroundColor: mixed("primary-color", 9) },
  ".cm-merge-a .cm-changedText, .cm-deletedText": { background: mixed("red-color", 24) },
  ".cm-merge-b .cm-changedText": { background: mixed("green-color", 26) },
  "&.cm-merge-a .cm-changedText": { background: mixed("red-color", 24) },
  "&.cm-merge-b .cm-changedText": { background: mixed("green-color", 26) },
  "&.cm-merge-a .cm-changedLine": { backgroundColor: mixed("red-color", 9) },
  "&.cm-merge-b .cm-changedLine": { backgroundColor: mixed("green-color", 9) },
  ".cm-collapsedLines": { background: st("secondary-background-color"), color: st("gray-text-color"), fontFamily: st("font") },
})

const words = HighlightStyle.define([
  { tag: [t.tagName, t.angleBracket, t.propertyName], color: st("blue-text-color") },
  { tag: t.attributeName, color: st("orange-text-color") },
  { tag: [t.attributeValue, t.string], color: st("green-text-color") },
  { tag: [t.comment, t.blockComment], color: st("gray-text-color"), fontStyle: "italic" },
  { tag: [t.keyword, t.controlKeyword, t.operatorKeyword, t.definitionKeyword, t.moduleKeyword, t.variableName, t.brace, t.bool, t.null], color: st("violet-text-color") },
  { tag: [t.number, t.unit, t.color], color: st("orange-text-color") },
])

export const look = [theme, syntaxHighlighting(words), EditorView.lineWrapping]
