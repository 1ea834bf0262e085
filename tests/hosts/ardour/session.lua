-- Makes a session with a piece in it, opens one and saves it with the playhead elsewhere, or exports it:
-- ardour7-lua session.lua new|again|export|exports|saved|plain|preset|wide FOLDER NAME FRAMES
-- Points of automation are in frames; what goes into the session's file from outside is in ../ardour.rs.

local what, folder, name, frames = arg[1], arg[2], arg[3], tonumber(arg[4])

local RATE = 48000
local LEVEL = { { 0, 0.5 }, { 24000, 1 }, { 36000, 0 } }
-- In float.preset.
local PRESET = "0c50d001-0000-4000-8000-000000000002"
local PLAY = { { 0, 1 }, { 48000, 0 }, { 72000, 1 } }

-- The first parameter of each name. Ardour 7 asks for names once, before it loads a state, and never again: this is
-- the host that shows the old ones and keeps on working.
local function parameters(insert)
	local plugin, found = insert:plugin(0), {}
	for number = 0, plugin:parameter_count() - 1 do
		local _, given = plugin:get_parameter_descriptor(number, ARDOUR.ParameterDescriptor())
		found[given[2].label] = found[given[2].label] or number
	end
	return found
end

-- What is asked of a plugin reaches it in the cycle after.
local function let_it_happen()
	assert(ARDOUR.LuaAPI.wait_for_process_callback(4, 20000), "the engine does not run")
end

local function automate(processor, number, points)
	local _, list = ARDOUR.LuaAPI.plugin_automation(processor, number)
	list:set_interpolation(Evoral.InterpolationStyle.Discrete)
	for _, point in ipairs(points) do
		list:add(Temporal.timepos_t(point[1]), point[2], false, true)
	end
	local parameter = Evoral.Parameter(ARDOUR.AutomationType.PluginAutomation, 0, number)
	local control = processor:to_insert():to_automatable():automation_control(parameter, true)
	control:set_automation_state(ARDOUR.AutoState.Play)
end

-- A new session, and its track with the instrument of this name.
local function begin(of)
	local session = assert(create_session(folder, name, RATE), "no session")
	local instrument
	-- Only now has Ardour read its list of plugins.
	for plugin in ARDOUR.LuaAPI.list_plugins():iter() do
		if plugin.name == of then instrument = plugin end
	end
	assert(instrument, "Ardour does not know the instrument " .. of)
	local midi = ARDOUR.DataType("midi")
	local tracks = session:new_midi_track(
		ARDOUR.ChanCount(midi, 1), ARDOUR.ChanCount(midi, 1), false, instrument, nil, nil, 1, "Piece",
		ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
	return session, tracks:front()
end

local function make()
	local session, track = begin("Csound Performer")
	local processor = track:nth_plugin(0)
	local number = parameters(processor:to_insert())
	assert(ARDOUR.LuaAPI.set_processor_param(processor, number["Sync"], 1), "no sync")
	automate(processor, number["Play"], PLAY)
	automate(processor, number["Channel 001"], LEVEL)
	let_it_happen()
	session:save_state("", false, false, false, false, false)
end

-- An exported instrument, and an exported effect behind it, each automated under its channel's own name.
local function make_exports()
	local session, track = begin("Bells")
	local effect = ARDOUR.LuaAPI.new_plugin(session, "Half", ARDOUR.PluginType.VST3, "")
	assert(not effect:isnil(), "Ardour does not know the effect")
	assert(track:add_processor_by_index(effect, 1, nil, true) == 0, "the effect is not added")
	local first, second = track:nth_plugin(0), track:nth_plugin(1)
	automate(first, assert(parameters(first:to_insert())["level"], "no level"), LEVEL)
	automate(second, assert(parameters(second:to_insert())["share"], "no share"), { { 0, 0.5 }, { 96000, 0.25 } })
	let_it_happen()
	session:save_state("", false, false, false, false, false)
end

-- A track with the plugin as it is new, or with a preset that Ardour finds beside its plugins.
local function make_of_preset(label)
	local session, track = begin("Csound Performer")
	let_it_happen()
	if label then
		local plugin = track:nth_plugin(0):to_insert():plugin(0)
		local preset = plugin:preset_by_label(label)
		assert(preset and preset.valid, "Ardour does not find the preset")
		assert(plugin:load_preset(preset), "the preset is not loaded")
		let_it_happen()
	end
	session:save_state("", false, false, false, false, false)
end

-- A track with the instrument of eight outputs, of which each goes to channels of its own up to what is exported.
local function make_wide()
	local session, track = begin("Csound Performer Multi-out")
	let_it_happen()
	local audio, master = ARDOUR.DataType("audio"), session:master_out()
	local from, to = track:output(), master:input()
	assert(from:n_ports():n_audio() == 16, "the track has " .. from:n_ports():n_audio() .. " outputs")
	for number = to:n_ports():n_audio(), 15 do
		assert(to:add_port("", nil, audio) == 0, "no input " .. number)
	end
	for number = 0, 15 do
		local output, input = from:audio(number), to:audio(number)
		output:disconnect_all()
		assert(output:connect(input:name()) == 0, "output " .. number .. " is not connected")
	end
	-- Each channel stays the one that it is.
	for _, route in ipairs({ track, session:master_out() }) do
		local panner = route:panner_shell()
		if not panner:isnil() then panner:set_bypassed(true) end
	end
	let_it_happen()
	session:save_state("", false, false, false, false, false)
end

-- Opens the session and saves it as it is.
local function save_again()
	local session = assert(load_session(folder, name), "no session")
	let_it_happen()
	session:save_state("", false, false, false, false, false)
end

-- Saves the session with the playhead where the piece pauses: this is what the plugin's state says
-- from then on.
local function save_elsewhere()
	local session = assert(load_session(folder, name), "no session")
	let_it_happen()
	session:request_locate(54000, true, ARDOUR.LocateTransportDisposition.MustStop,
		ARDOUR.TransportRequestSource.TRS_UI)
	local processor = session:route_by_name("Piece"):nth_plugin(0)
	local number = parameters(processor:to_insert())
	local function value(label) return (ARDOUR.LuaAPI.get_processor_param(processor, number[label], true)) end
	for _ = 1, 100 do
		if value("Play") == 0 and value("Channel 001") == 0 then break end
		let_it_happen()
	end
	assert(value("Play") == 0 and value("Channel 001") == 0, "the parameters do not follow")
	let_it_happen()
	session:save_state("", false, false, false, false, false)
end

-- To export/session.wav.
local function export()
	local session = assert(load_session(folder, name), "no session")
	let_it_happen()
	local export = session:simple_export()
	assert(export:set_preset(PRESET), "no preset")
	export:set_folder("export")
	export:set_name("session")
	export:set_range(0, frames)
	assert(export:run_export(), "no export")
end

local function plain() make_of_preset(nil) end

local function preset() make_of_preset("Demonstration piece") end

({ plain = plain, preset = preset, new = make, again = save_elsewhere, export = export, exports = make_exports, wide = make_wide, saved = save_again })[what]()
print("done")
