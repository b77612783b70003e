# frozen_string_literal: true

# A fleet as dalli sees it. The plan and the report are those of plan.py, but a string is always told as bytes: the
# encoding that dalli gives it depends on what is in it.

require 'dalli'
require 'json'

def key_of(told)
  told.is_a?(Hash) ? [told['bytes']].pack('H*') : told
end

def value_of(told)
  kind, value = told.first
  case kind
  when 'int' then value.to_i
  when 'bytes' then [value].pack('H*')
  else value
  end
end

def told_of(value)
  case value
  when nil then nil
  when Integer then { int: value.to_s }
  when String then { bytes: value.unpack1('H*') }
  else { json: value }
  end
end

# The client and how values are stored with it.
class Fleet
  def initialize(servers, options)
    @raw = options['serializer'].nil?
    @client = Dalli::Client.new(
      servers,
      namespace: options['namespace'],
      compress: options['compress'] == true,
      compression_min_size: 400,
      failover: false,
      serializer: options['serializer'] == 'JSON' ? JSON : Marshal
    )
  end

  def answer(step)
    if step.key?('set') then store(step['set'])
    elsif step.key?('get') then found(step['get'].map { |key| key_of(key) })
    elsif step.key?('incr') then @client.incr(key_of(step['incr']), step['by'])
    else step['delete'].map { |key| @client.delete(key_of(key)) }
    end
  end

  private

  def store(items)
    items.each do |key, value|
      plain = value_of(value)
      # JSON has no bytes.
      @client.set(key_of(key), plain, nil, raw: @raw || value.key?('bytes')) || raise('not stored')
    end
    nil
  end

  def found(keys)
    keys.map { |key| told_of(@client.get(key)) }
  end
end

plan = JSON.parse($stdin.read)
fleet = Fleet.new(plan['servers'], plan['options'])
puts JSON.generate(plan['steps'].map { |step| fleet.answer(step) })
