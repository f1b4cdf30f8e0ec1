-- Numbers what is labelled (fig-, tbl-, eq-, sec-), puts its caption above it and makes links of the references to it.
-- Runs before anything else in both renderers, so that they number alike: "Figur 3.1" is the first figure of chapter 3.

local KINDS = { fig = "figure", tbl = "table", eq = "equation", sec = "section" }
local TYPST, WORD = FORMAT:match("typst") ~= nil, FORMAT:match("docx") ~= nil
local texts, labels, chapter, counts = {}, {}, nil, {}

local function fail(problem)
  io.stderr:write("ERROR: " .. problem .. "\n")
  error(problem, 0)
end

local function kind_of(id)
  local prefix = id and id:match("^(%a+)%-")
  return KINDS[prefix] and prefix or nil
end

local function typst(blocks)
  local text = pandoc.write(pandoc.Pandoc(blocks), "typst")
  return (text:gsub("%s+$", ""))
end

local function quoted(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

local function number(kind)
  counts[kind] = (counts[kind] or 0) + 1
  return (chapter and chapter .. "." or "") .. counts[kind]
end

local function remember(id, kind, label)
  if labels[id] then fail("the label " .. id .. " stands twice") end
  labels[id] = { kind = kind, number = label }
end

-- ---- what a float holds ----

local function as_inlines(markdown)
  local blocks = pandoc.read(markdown, "markdown").blocks
  return pandoc.utils.blocks_to_inlines(blocks)
end

local function take_last_paragraph(blocks)
  local last = blocks[#blocks]
  if last and (last.t == "Para" or last.t == "Plain") then
    blocks:remove(#blocks)
    return last.content
  end
  return nil
end

-- Returns caption and content of a labelled div in any of the shapes that a notebook's cell or an author gives it.
local function open_div(div, kind)
  local stated = div.attributes[kind .. "-cap"]
  if stated then return as_inlines(stated), div.content end
  local caption = take_last_paragraph(div.content)
  if caption == nil then fail(div.identifier .. " has no caption") end
  return caption, div.content
end

local function alternative(image)
  local stated = image.attributes["fig-alt"] or image.attributes["alt"]
  return stated or pandoc.utils.stringify(image.caption)
end

local function picture(image)
  local alt = alternative(image)
  if TYPST then
    return pandoc.RawInline("typst", "#picture(" .. quoted(image.src) .. ", alt: " .. quoted(alt) .. ")")
  end
  image.caption, image.title, image.identifier = { pandoc.Str(alt) }, "", ""
  image.attributes["fig-alt"], image.attributes["alt"] = nil, nil
  if WORD and not image.attributes.width then image.attributes.width = "100%" end
  return image
end

-- ---- how a float is written ----

local function headline(kind, label, caption)
  local name = pandoc.Span({ pandoc.Str(texts[kind]), pandoc.Str("\u{a0}"), pandoc.Str(label .. ".") }, { class = "float-number" })
  local inlines = pandoc.Inlines({ name, pandoc.Space() })
  inlines:extend(caption)
  return inlines
end

local function without_caption(content)
  return content:walk({
    Table = function(el)
      el.caption = { long = {} }
      return el
    end,
  })
end

local function small_print(caption)
  return caption:walk({
    Span = function(span)
      if span.classes:includes("subtitle") then
        return pandoc.RawInline("typst", "#subtitle[" .. typst({ pandoc.Plain(span.content) }) .. "]")
      end
    end,
  })
end

local function escaped(text)
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub('"', "&quot;"))
end

-- A figure keeps its size on a phone and is scrolled, so that its text can be read.
local function scrolled(content, title)
  local label = escaped(pandoc.utils.stringify(title))
  local blocks = pandoc.Blocks({ pandoc.RawBlock("html", '<div class="scroll" role="group" tabindex="0" aria-label="' .. label .. '">') })
  blocks:extend(content)
  blocks:insert(pandoc.RawBlock("html", "</div>"))
  return blocks
end

-- Tables of more columns than the text has room for go over the margin as well, in print.
local WIDE_FROM = 6

local function is_wide(content)
  local wide = false
  pandoc.Div(content):walk({ Table = function(el) wide = wide or #el.colspecs >= WIDE_FROM end })
  return wide
end

local function float(id, kind, caption, content)
  local label = labels[id].number
  content = without_caption(pandoc.Blocks(content))
  if TYPST then
    local opening = string.format("#float(kind: %s, supplement: %s, number: %s, wide: %s, caption: [", quoted(kind), quoted(texts[kind]), quoted(label), tostring(is_wide(content)))
    local blocks = pandoc.Blocks({ pandoc.RawBlock("typst", opening .. typst({ pandoc.Plain(small_print(pandoc.Inlines(caption))) }) .. "])[") })
    blocks:extend(content)
    blocks:insert(pandoc.RawBlock("typst", "]<" .. id .. ">"))
    return blocks
  end
  if WORD then
    local style = kind == "tbl" and "Table Caption" or "Image Caption"
    local title = pandoc.Span(headline(kind, label, caption), { id = id })
    local blocks = pandoc.Blocks({ pandoc.Div({ pandoc.Para({ title }) }, { ["custom-style"] = style }) })
    for _, block in ipairs(content) do
      local legend = kind == "tbl" and (block.t == "Para" or block.t == "Plain")
      blocks:insert(legend and pandoc.Div({ block }, { ["custom-style"] = "Note" }) or block)
    end
    return blocks
  end
  local title = headline(kind, label, caption)
  local html = pandoc.write(pandoc.Pandoc({ pandoc.Plain(title) }), "html")
  local blocks = pandoc.Blocks({
    pandoc.RawBlock("html", '<figure id="' .. id .. '" class="float float-' .. kind .. '"><figcaption>' .. html .. "</figcaption>"),
  })
  blocks:extend(kind == "fig" and scrolled(content, title) or content)
  blocks:insert(pandoc.RawBlock("html", "</figure>"))
  return blocks
end

-- ---- first walk: numbers ----

local function equation_label(para)
  local last = para.content[#para.content]
  local id = last and last.t == "Str" and last.text:match("^{#(eq%-[%w%-_]+)}$")
  return id
end

local function first_image(el)
  local found
  el:walk({ Image = function(image) found = found or image end })
  return found
end

local function count_header(header)
  if header.level == 1 then
    chapter, counts = header.attributes.chapter or chapter, {}
  elseif kind_of(header.identifier) == "sec" then
    remember(header.identifier, "sec", "”" .. pandoc.utils.stringify(header.content) .. "”")
  end
end

local counting = {
  traverse = "topdown",
  Header = count_header,
  Div = function(div)
    local kind = kind_of(div.identifier)
    if kind == "fig" or kind == "tbl" then
      remember(div.identifier, kind, number(kind))
      return div, false
    end
  end,
  Figure = function(figure)
    local image = first_image(figure)
    local id = figure.identifier ~= "" and figure.identifier or (image and image.identifier) or ""
    if kind_of(id) == "fig" then
      remember(id, "fig", number("fig"))
      return figure, false
    end
  end,
  Table = function(el)
    if kind_of(el.identifier) == "tbl" then remember(el.identifier, "tbl", number("tbl")) end
  end,
  Para = function(para)
    local id = equation_label(para)
    if id then remember(id, "eq", number("eq")) end
  end,
}

-- ---- second walk: references ----

local function reference(citation, lone)
  local label = labels[citation.id]
  if not label then fail("@" .. citation.id .. " refers to nothing in this report") end
  local inlines = pandoc.Inlines({})
  if #citation.prefix > 0 then
    inlines:extend(citation.prefix)
    inlines:insert(pandoc.Str("\u{a0}"))
  elseif citation.mode ~= "SuppressAuthor" then
    inlines:extend({ pandoc.Str(texts[label.kind .. "-ref"]), pandoc.Str("\u{a0}") })
  end
  inlines:insert(pandoc.Str(label.number))
  if TYPST then
    local words = typst({ pandoc.Plain(inlines) })
    return pandoc.RawInline("typst", "#link(<" .. citation.id .. ">)[" .. words .. "]")
  end
  return pandoc.Link(inlines, "#" .. citation.id, "", { class = "cross-reference" })
end

local referring = {
  Cite = function(cite)
    local inlines = pandoc.Inlines({})
    for index, citation in ipairs(cite.citations) do
      if not kind_of(citation.id) then return nil end
      if index > 1 then inlines:extend({ pandoc.Str(","), pandoc.Space() }) end
      inlines:insert(reference(citation))
    end
    return inlines
  end,
}

-- ---- third walk: floats ----

local function equation(para, id)
  local label = labels[id].number
  para.content:remove(#para.content)
  if TYPST then
    return { pandoc.RawBlock("typst", "#numbered(" .. quoted(label) .. ")["), pandoc.Plain(para.content), pandoc.RawBlock("typst", "]<" .. id .. ">") }
  end
  para.content:insert(pandoc.Span({ pandoc.Str("(" .. label .. ")") }, { id = id, class = "equation-number" }))
  return para
end

local building = {
  traverse = "topdown",
  Div = function(div)
    local kind = kind_of(div.identifier)
    if not labels[div.identifier] or kind == "sec" then return nil end
    local caption, content = open_div(div, kind)
    content = content:walk({ Image = picture })
    return float(div.identifier, kind, caption, content), false
  end,
  Figure = function(figure)
    local image = first_image(figure)
    local id = figure.identifier ~= "" and figure.identifier or (image and image.identifier) or ""
    local caption = pandoc.utils.blocks_to_inlines(figure.caption.long)
    if not labels[id] then return { pandoc.Plain({ picture(image) }) }, false end
    return float(id, "fig", caption, { pandoc.Plain({ picture(image) }) }), false
  end,
  Table = function(el)
    if not labels[el.identifier] then return nil end
    local id, caption = el.identifier, pandoc.utils.blocks_to_inlines(el.caption.long)
    el.identifier = ""
    return float(id, "tbl", caption, { el }), false
  end,
  Para = function(para)
    local id = equation_label(para)
    if id then return equation(para, id) end
    -- Quarto would take a paragraph that is one picture for a figure, its alternative text for a caption.
    if #para.content == 1 and para.content[1].t == "Image" then
      return pandoc.Plain({ picture(para.content[1]) }), false
    end
  end,
  Image = picture,
}

-- PDF/UA asks every formula for words; its TeX source is what there is.
local function spoken_formula(math)
  local display = math.mathtype == "DisplayMath"
  local body = typst({ pandoc.Plain({ math }) })
  return pandoc.RawInline("typst", "#math.equation(block: " .. tostring(display) .. ", alt: " .. quoted(math.text) .. ", " .. body:gsub("^%$%s*", "$"):gsub("%s*%$$", "$") .. ")")
end

function Pandoc(doc)
  local frame = doc.meta.evalkit or {}
  for name, text in pairs(frame.texts or {}) do texts[name] = pandoc.utils.stringify(text) end
  chapter = frame.chapter and pandoc.utils.stringify(frame.chapter) or nil
  doc = doc:walk(counting)
  doc = doc:walk(referring)
  doc = doc:walk(building)
  if TYPST then doc = doc:walk({ Math = spoken_formula }) end
  return doc
end
