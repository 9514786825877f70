// What Streamlit's own markup leaves out for those who do not see it: the sections of the
// navigation are groups of links, marks without a name are no images, and code that is wider
// than its place can be scrolled by keyboard.
const NAVIGATION = '[data-testid="stSidebarNavItems"]'
const ITEMS = `${NAVIGATION} li:not([role])`
const CODE = ".stCode pre:not([tabindex])"
const NAMELESS = 'g[role="graphics-symbol"]:not([aria-label])'

function mend() {
  for (const whole of document.querySelectorAll(`${NAVIGATION}:not([role])`)) whole.setAttribute("role", "group")
  for (const item of document.querySelectorAll(ITEMS)) item.setAttribute("role", "none")
  for (const code of document.querySelectorAll(CODE)) {
    if (code.scrollWidth > code.clientWidth) code.setAttribute("tabindex", "0")
  }
  for (const mark of document.querySelectorAll(NAMELESS)) mark.setAttribute("role", "presentation")
}

let asked = false
function soon() {
  if (asked) return
  asked = true
  requestAnimationFrame(() => { asked = false; mend() })
}

let watching = false
export default function () {
  soon()
  if (watching) return
  watching = true
  const what = { childList: true, subtree: true, attributeFilter: ["role"] }
  new MutationObserver(soon).observe(document.body, what)
}
