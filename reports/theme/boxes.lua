-- Gives each kind of box its form: the answer, notes beside the text, findings, what folds, tables for print.
-- Runs after references.lua and before the renderer's own steps.

local TYPST, WORD = FORMAT:match("typst") ~= nil, FORMAT:match("docx") ~= nil
local HTML = not TYPST and not WORD
local texts = {}

local function quoted(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

local function typst(blocks)
  local text = pandoc.write(pandoc.Pandoc(blocks), "typst")
  return (text:gsub("%s+$", ""))
end

local function wrapped(opening, blocks, closing)
  local format = TYPST and "typst" or "html"
  local out = pandoc.Blocks({ pandoc.RawBlock(format, opening) })
  out:extend(blocks)
  out:insert(pandoc.RawBlock(format, closing))
  return out
end

-- ---- boxes ----

-- class = { function in the PDF's template, paragraph style in Word }
local BOXES = {
  answer = { "answer", "Answer" },
  sidenote = { "note", "Margin Note" },
  certainty = { "certainty", "Certainty" },
  conclusions = { "conclusions", "Conclusions" },
  can = { "can", "Conclusions" },
  cannot = { "cannot", "Conclusions" },
  surer = { "surer", "Conclusions" },
  findings = { "findings", nil },
  finding = { "finding", nil },
  ["finding-what"] = { "finding-what", "Finding What" },
  ["figure-note"] = { "note", "Note" },
  legend = { "note", "Note" },
  lead = { "lead", "Subtitle" },
  support = { "support", "Note" },
  kicker = { "kicker", "Kicker" },
  wide = { "wide", nil },
}

local function box_of(div)
  for _, class in ipairs(div.classes) do
    if BOXES[class] then return class, BOXES[class] end
  end
end

local function styled(div, style)
  if not style then return nil end
  div.attributes["custom-style"] = style
  return div
end

-- The term of a note stands on a line of its own, over what it means.
local function terms_on_own_lines(div)
  return div:walk({
    Para = function(para)
      local term, after = para.content[1], para.content[2]
      if term and term.t == "Strong" and after and after.t == "SoftBreak" then
        para.content[2] = pandoc.LineBreak()
        return para
      end
    end,
  })
end

local FULL_WIDTH = { findings = true, conclusions = true, wide = true }

local function takes_full_width(block)
  local found = false
  pandoc.Div({ block }):walk({
    Div = function(div)
      for _, class in ipairs(div.classes) do found = found or FULL_WIDTH[class] end
    end,
    RawBlock = function(raw) found = found or raw.text:find("wide: true", 1, true) ~= nil end,
  })
  return found
end

local function is_note(block)
  return block.t == "Div" and block.classes:includes("sidenote")
end

-- In the PDF a note stands beside all that follows it, up to the next heading, note or thing of full width.
local function notes_beside_text(blocks)
  local out, index = pandoc.Blocks({}), 1
  while index <= #blocks do
    local block = blocks[index]
    index = index + 1
    if is_note(block) then
      local beside = pandoc.Blocks({})
      while blocks[index] and blocks[index].t ~= "Header" and not is_note(blocks[index]) and not takes_full_width(blocks[index]) do
        beside:insert(blocks[index])
        index = index + 1
      end
      out:insert(pandoc.RawBlock("typst", "#noted["))
      out:extend(terms_on_own_lines(block).content)
      out:insert(pandoc.RawBlock("typst", "]["))
      out:extend(beside)
      out:insert(pandoc.RawBlock("typst", "]"))
    else
      out:insert(block)
    end
  end
  return out
end

local function set_box(div)
  if div.classes:includes("sidenote") then div = terms_on_own_lines(div) end
  local class, box = box_of(div)
  if not class then return nil end
  if HTML then return div end
  if WORD then return styled(div, box[2]) end
  return wrapped("#" .. box[1] .. "[", div.content, "]")
end

-- ---- callouts and what folds ----

local function title_of(div, fallback)
  local title = div.attributes.title or div.attributes.summary
  if title then return pandoc.utils.blocks_to_inlines(pandoc.read(title, "markdown").blocks) end
  if div.content[1] and div.content[1].t == "Header" then return div.content:remove(1).content end
  return pandoc.Inlines({ pandoc.Str(texts[fallback] or fallback) })
end

local function html_of(inlines)
  return pandoc.write(pandoc.Pandoc({ pandoc.Plain(inlines) }), "html")
end

local function folded(div, kind)
  local title = title_of(div, kind)
  if HTML then
    return wrapped("<details><summary>" .. html_of(title) .. "</summary>", div.content, "</details>")
  end
  if TYPST then
    return wrapped("#unfolded[" .. typst({ pandoc.Plain(title) }) .. "][", div.content, "]")
  end
  local blocks = pandoc.Blocks({ pandoc.Div({ pandoc.Para(title) }, { ["custom-style"] = "Unfolded Title" }) })
  blocks:extend(div.content)
  return blocks
end

local function called_out(div, kind)
  local title = title_of(div, kind)
  if HTML then
    local opening = '<div class="callout ' .. kind .. '" role="note"><p class="callout-title">' .. html_of(title) .. "</p>"
    return wrapped(opening, div.content, "</div>")
  end
  if TYPST then
    return wrapped("#callout(" .. quoted(kind) .. ")[" .. typst({ pandoc.Plain(title) }) .. "][", div.content, "]")
  end
  local body = pandoc.Blocks({ pandoc.Para({ pandoc.Strong(title) }) })
  body:extend(div.content)
  return pandoc.Div(body, { ["custom-style"] = "Callout" })
end

local function kind_of_callout(div)
  for _, class in ipairs(div.classes) do
    local kind = class:match("^callout%-(%a+)$")
    if kind then return kind end
  end
end

-- ---- tables for print ----

local ALIGN = { AlignLeft = "left", AlignRight = "right", AlignCenter = "center", AlignDefault = "left" }

local function cell_text(cell)
  local text = typst(cell.contents)
  local plain = pandoc.utils.stringify(cell.contents)
  local span = (cell.col_span > 1 and "colspan: " .. cell.col_span .. ", " or "") .. (cell.row_span > 1 and "rowspan: " .. cell.row_span .. ", " or "")
  if plain == ".." then return "protected(" .. "[" .. text .. "])" end
  if span ~= "" then return "table.cell(" .. span:gsub(", $", "") .. ")[" .. text .. "]" end
  return "[" .. text .. "]"
end

local function row_text(row)
  local cells = {}
  for _, cell in ipairs(row.cells) do cells[#cells + 1] = cell_text(cell) end
  return table.concat(cells, ", ")
end

local function table_for_print(el)
  local aligns, rows = {}, {}
  for index, spec in ipairs(el.colspecs) do aligns[index] = ALIGN[tostring(spec[1])] or "left" end
  for _, row in ipairs(el.head.rows) do rows[#rows + 1] = "table.header(" .. row_text(row) .. ")," end
  for _, body in ipairs(el.bodies) do
    for _, row in ipairs(body.body) do rows[#rows + 1] = row_text(row) .. "," end
  end
  local opening = "#sheet(columns: " .. #el.colspecs .. ", rows: " .. #rows .. ", align: (" .. table.concat(aligns, ", ") .. ",),\n"
  return pandoc.RawBlock("typst", opening .. table.concat(rows, "\n") .. "\n)")
end

-- ---- findings beside each other, in the PDF ----

local function cards_of(div)
  local cards = pandoc.List({})
  div:walk({
    traverse = "topdown",
    Div = function(inner)
      if inner.classes:includes("finding") then
        cards:insert(inner.content)
        return inner, false
      end
    end,
  })
  return cards
end

local function set_findings(div)
  if not TYPST or not div.classes:includes("findings") then return nil end
  local blocks = pandoc.Blocks({ pandoc.RawBlock("typst", "#findings(") })
  for _, card in ipairs(cards_of(div)) do blocks:extend(wrapped("[", card, "],")) end
  blocks:insert(pandoc.RawBlock("typst", ")"))
  return blocks
end

local function set_facts(div)
  if not TYPST or not div.classes:includes("facts") then return nil end
  local pairs_of_text = {}
  div:walk({
    DefinitionList = function(list)
      for _, item in ipairs(list.content) do
        pairs_of_text[#pairs_of_text + 1] = "([" .. typst({ pandoc.Plain(item[1]) }) .. "], [" .. typst(item[2][1]) .. "])"
      end
    end,
  })
  return pandoc.RawBlock("typst", "#facts(" .. table.concat(pairs_of_text, ", ") .. ")")
end

-- ---- chapters of the whole report ----

local function chapter_heading(header)
  local chapter = header.attributes.chapter
  header.attributes.chapter = nil
  if header.level > 1 or not chapter or HTML then return nil end
  local kicker = header.attributes.kicker or ""
  header.attributes.kicker = nil
  if TYPST then
    return pandoc.Blocks({ pandoc.RawBlock("typst", "#chapter-kicker(" .. quoted(kicker) .. ")"), header })
  end
  local style = chapter == "1" and "First Kicker" or "Kicker"
  return pandoc.Blocks({ pandoc.Div({ pandoc.Para({ pandoc.Str(kicker) }) }, { ["custom-style"] = style }), header })
end

local CHARACTERS = { subtitle = "Subtitle Text", ["float-number"] = "Float Number" }

local function set_span(span)
  for _, class in ipairs(span.classes) do
    if WORD and CHARACTERS[class] then
      span.attributes["custom-style"] = CHARACTERS[class]
      if class == "subtitle" then return pandoc.Inlines({ pandoc.LineBreak(), span }) end
      return span
    end
  end
end

function Pandoc(doc)
  for name, text in pairs((doc.meta.evalkit or {}).texts or {}) do texts[name] = pandoc.utils.stringify(text) end
  if TYPST then doc.blocks = notes_beside_text(doc.blocks) end
  return doc:walk({ Div = function(div) return set_findings(div) or set_facts(div) end }):walk({
    Div = function(div)
      if div.classes:includes("content-hidden") then return {} end
      -- A block around a cell would part a figure from the note that must stay under it.
      if TYPST and (div.classes:includes("cell") or div.classes:includes("cell-output")) then return div.content end
      local kind = kind_of_callout(div)
      if kind and div.attributes.collapse then return folded(div, kind) end
      if kind then return called_out(div, kind) end
      if div.classes:includes("details") then return folded(div, "note") end
      if div.classes:includes("panel-tabset") then div.classes = { "tabs" } return div end
      return set_box(div)
    end,
    Table = function(el) if TYPST then return table_for_print(el) end end,
    Header = chapter_heading,
    Span = set_span,
  })
end
