// What can be written here: variables and filters inside Jinja, elements and attributes outside.
// The words come from Python, which knows the topic's schema, the filters and MJML's tables.

const option = type => word => ({ label: word.name, detail: word.detail, info: word.info, type })

function inJinja(before) {
  const opened = Math.max(before.lastIndexOf("{{"), before.lastIndexOf("{%"))
  if (opened < 0) return null
  const inside = before.slice(opened + 2)
  return inside.includes("}}") || inside.includes("%}") ? null : inside
}

function jinjaWords(context, inside, words) {
  const filter = context.matchBefore(/\|\s*\w*/)
  if (filter) {
    const from = filter.from + filter.text.length - /\w*$/.exec(filter.text)[0].length
    return { from, options: words.filters.map(option("function")), validFor: /^\w*$/ }
  }
  const path = context.matchBefore(/[\w.]*/)
  if (!path.text && !context.explicit && !/^-?\s*$/.test(inside)) return null
  return { from: path.from, options: words.variables.map(option("variable")), validFor: /^[\w.]*$/ }
}

function openTag(before) {
  const tag = /<([\w-]+)\b[^<>]*$/.exec(before)
  return tag && tag[1]
}

function parentOf(before) {
  const open = []
  for (const [, closing, name, self] of before.matchAll(/<(\/?)(mj[\w-]*)\b[^<>]*?(\/?)>/g)) {
    if (closing) open.splice(open.lastIndexOf(name))
    else if (!self) open.push(name)
  }
  return open.at(-1)
}

function elementWords(context, before, grammar) {
  const start = context.matchBefore(/<\/?[\w-]*/)
  const parent = parentOf(before)
  if (start.text.startsWith("</")) {
    return parent ? { from: start.from + 2, options: [{ label: `${parent}>`, type: "type" }] } : null
  }
  const names = grammar[parent]?.children ?? (parent ? [] : ["mjml"])
  return { from: start.from + 1, options: names.map(label => ({ label, type: "type" })), validFor: /^[\w-]*$/ }
}

function attributeWords(context, tag, grammar) {
  const word = context.matchBefore(/\s[\w-]*/)
  if (!word) return null
  const apply = (view, picked, from, to) => view.dispatch({
    changes: { from, to, insert: `${picked.label}=""` }, selection: { anchor: from + picked.label.length + 2 },
  })
  const names = grammar[tag]?.attributes ?? []
  return { from: word.from + 1, options: names.map(label => ({ label, type: "property", apply })), validFor: /^[\w-]*$/ }
}

export const completions = words => context => {
  const before = context.state.sliceDoc(0, context.pos)
  const inside = inJinja(before.slice(-2000))
  if (inside !== null) return jinjaWords(context, inside, words())
  const { grammar } = words()
  if (!grammar) return null
  if (context.matchBefore(/<\/?[\w-]*/)) return elementWords(context, before, grammar)
  const tag = openTag(before)
  if (!tag || /=\s*("[^"]*|'[^']*)$/.test(before.slice(before.lastIndexOf("<")))) return null
  return attributeWords(context, tag, grammar)
}
