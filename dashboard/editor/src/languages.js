// MJML is HTML with words of its own; Jinja lies over it, in texts and in attributes alike.
import { html } from "@codemirror/lang-html"
import { jinja } from "@codemirror/lang-jinja"
import { json } from "@codemirror/lang-json"
import { Decoration, MatchDecorator, ViewPlugin } from "@codemirror/view"

const inJinja = new MatchDecorator({
  regexp: /\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}/g,
  decoration: Decoration.mark({ class: "cm-jinja" }),
})
const marked = ViewPlugin.define(
  view => ({
    decorations: inJinja.createDeco(view),
    update(update) { this.decorations = inJinja.updateDeco(update, this.decorations) },
  }),
  { decorations: plugin => plugin.decorations },
)

export function language(name) {
  if (name === "json") return json()
  if (name === "mjml") return [jinja({ base: html({ selfClosingTags: true, autoCloseTags: false }) }), marked]
  return [jinja(), marked]
}
