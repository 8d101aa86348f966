"""Places that people name and the zone files do not: states, provinces, large cities, countries.

A name in two lines is in two zones.
"""

PLACES = """
America/New_York: new york state, nyc, manhattan, brooklyn, connecticut, delaware, maine, maryland
America/New_York: massachusetts, new hampshire, new jersey, north carolina, south carolina, ohio
America/New_York: pennsylvania, rhode island, vermont, virginia, west virginia, georgia, florida
America/New_York: tennessee, washington, washington dc, boston, philadelphia, atlanta, miami
America/New_York: baltimore, charlotte, pittsburgh, cambridge, portland, st petersburg
America/Detroit: michigan
America/Menominee: michigan
America/Indiana/Indianapolis: indiana
America/Kentucky/Louisville: kentucky
America/Chicago: alabama, arkansas, illinois, iowa, louisiana, minnesota, mississippi, missouri
America/Chicago: oklahoma, wisconsin, texas, kansas, nebraska, north dakota, south dakota, tennessee
America/Chicago: florida, indiana, kentucky, houston, dallas, austin, san antonio, minneapolis
America/Chicago: st louis, new orleans, nashville, milwaukee, birmingham
America/Denver: colorado, montana, new mexico, utah, wyoming, texas, kansas, nebraska, north dakota
America/Denver: south dakota, arizona, boulder, salt lake city, albuquerque, el paso
America/Boise: idaho, oregon
America/Phoenix: arizona
America/Los_Angeles: california, nevada, washington, washington state, oregon, idaho, san francisco
America/Los_Angeles: san diego, san jose, seattle, las vegas, berkeley, stanford, palo alto
America/Los_Angeles: mountain view, silicon valley, bay area, portland
America/Anchorage: alaska
America/Adak: alaska
Pacific/Honolulu: hawaii
America/Puerto_Rico: san juan, puerto rico
America/Toronto: ontario, quebec, quebec city, ottawa, montreal
America/Winnipeg: ontario, manitoba
America/Regina: saskatchewan
America/Edmonton: alberta, british columbia, calgary
America/Vancouver: british columbia
America/Halifax: nova scotia, prince edward island
America/Moncton: new brunswick
America/St_Johns: newfoundland
America/Goose_Bay: labrador
America/Whitehorse: yukon
America/Mexico_City: guadalajara, cdmx
America/Costa_Rica: san jose
America/Bogota: medellin
America/Guayaquil: quito
America/Rio_Branco: acre
America/Sao_Paulo: rio de janeiro, rio, brasilia, belo horizonte
Europe/London: cambridge, oxford, edinburgh, glasgow, manchester, birmingham, bristol, leeds
Europe/London: liverpool, england, scotland, wales, northern ireland, british
Europe/Berlin: munich, munchen, hamburg, frankfurt, cologne, koln, stuttgart, dresden, leipzig
Europe/Paris: lyon, marseille, toulouse
Europe/Rome: milan, milano, naples, turin, florence, venice
Europe/Madrid: barcelona, seville
Europe/Zurich: geneva, geneve, basel, bern, lausanne
Europe/Vienna: graz, salzburg
Europe/Amsterdam: rotterdam, the hague, utrecht, eindhoven
Europe/Brussels: antwerp, ghent, leuven
Europe/Warsaw: krakow, gdansk, wroclaw
Europe/Prague: brno
Europe/Stockholm: gothenburg
Europe/Lisbon: porto
Europe/Kyiv: kiew, lviv, kharkiv, odesa, odessa
Europe/Moscow: st petersburg, saint petersburg
Europe/Istanbul: ankara, izmir
Asia/Shanghai: beijing, peking, shenzhen, guangzhou, hangzhou, nanjing, wuhan, chengdu, tianjin
Asia/Tokyo: osaka, sapporo, kyoto, yokohama, nagoya
Asia/Seoul: busan, daejeon
Asia/Kolkata: mumbai, bombay, delhi, new delhi, bangalore, bengaluru, chennai, madras, pune
Asia/Kolkata: hyderabad
Asia/Karachi: hyderabad, lahore, islamabad
Asia/Ho_Chi_Minh: hanoi
Asia/Jerusalem: haifa
Asia/Riyadh: jeddah, mecca
Asia/Dubai: abu dhabi
Africa/Johannesburg: cape town, pretoria, durban
Africa/Cairo: alexandria
Africa/Casablanca: rabat
Australia/Sydney: new south wales
Pacific/Auckland: wellington, christchurch
America/Los_Angeles: la, sf, vegas, portland oregon, vancouver washington
America/New_York: dc, philly, alexandria, norfolk, petersburg, toledo, kingston
America/Chicago: nola
America/Denver: slc
America/Toronto: kingston, hamilton
America/Jamaica: kingston
Atlantic/Bermuda: hamilton
Pacific/Auckland: hamilton
America/Vancouver: victoria
Indian/Mahe: victoria
Australia/Melbourne: victoria
Asia/Kuala_Lumpur: kl
Asia/Hong_Kong: hk
Asia/Bangkok: bkk
Asia/Kolkata: blr
Europe/Madrid: cordoba, merida, guadalajara, valencia, cartagena, granada, toledo, leon, zaragoza
America/Argentina/Cordoba: cordoba
America/Merida: merida
America/Mexico_City: leon
America/Managua: granada, leon
America/Bogota: cartagena
America/Caracas: merida, valencia
America/Mazatlan: la paz
America/La_Paz: la paz
Asia/Beirut: tripoli
Africa/Tripoli: tripoli
Europe/London: norfolk, newcastle
Australia/Sydney: newcastle
Europe/Lisbon: santarem
America/Santarem: santarem
Europe/Moscow: petersburg
Europe/Athens: athen, athina
Europe/Belgrade: beograd
Europe/Brussels: brussel, bruxelles
Europe/Bucharest: bucuresti
Europe/Copenhagen: kobenhavn, københavn
Europe/Lisbon: lisboa
Europe/Moscow: moskva, moskau
Europe/Prague: praha, prag
Europe/Rome: roma, rom, mailand
Europe/Vienna: wien
Europe/Warsaw: warszawa
Europe/Zurich: genf
Africa/Cairo: kairo
Asia/Seoul: seul
Asia/Singapore: singapur
Asia/Tokyo: tokio
"""

COUNTRIES = """
AE: uae, emirates
AT: osterreich
BR: brasil
CH: schweiz, suisse
CI: ivory coast
CZ: czechia
DE: deutschland
ES: espana
GB: uk, united kingdom, great britain
IT: italia
KP: north korea
KR: korea, south korea
MM: burma, myanmar
NL: holland
PL: polska
SZ: swaziland, eswatini
TR: turkiye
US: us, usa, america, united states of america
"""

# What stands for an abbreviation of the zone files, and zones of abbreviations they do not have.
ABBREVIATIONS = """
EST America: et, eastern, east, east coast
CST America: ct, central
MST America: mt, mountain
PST America: pt, pacific, west, west coast
AST: atlantic
CET: mez, central european
CEST: mesz
EET: eastern european
WET: western european
GMT: greenwich
America/Sao_Paulo: brt
America/Argentina/Buenos_Aires: art
America/Santiago: clt, clst
America/Bogota: cot
America/Lima: pet
America/Manaus: amt
America/Caracas: vet
Asia/Singapore: sgt
Asia/Kuala_Lumpur: myt
Asia/Bangkok: ict
Asia/Dubai: gst
Asia/Tehran: irst
Asia/Riyadh: ast
Asia/Dhaka: bst, bdt
Asia/Kathmandu: npt
Asia/Tashkent: uzt
Asia/Almaty: almt
Asia/Baku: azt
Asia/Tbilisi: get
Asia/Yerevan: amt
Europe/Istanbul: trt
Asia/Manila: pht, phst
Asia/Brunei: bnt
Asia/Bishkek: kgt
Asia/Dushanbe: tjt
Asia/Ashgabat: tmt
Asia/Kabul: aft
Asia/Yangon: mmt
Asia/Colombo: slst
Asia/Ulaanbaatar: ulat
Asia/Yekaterinburg: yekt
Asia/Omsk: omst
Asia/Novosibirsk: novt
Asia/Krasnoyarsk: krat
Asia/Irkutsk: irkt
Asia/Yakutsk: yakt
Asia/Vladivostok: vlat
Asia/Kamchatka: pett
Asia/Karachi: pkt
Europe/Samara: samt
America/Montevideo: uyt
America/Asuncion: pyt
America/Guayaquil: ect
America/Guyana: gyt
America/Noronha: fnt
Atlantic/Azores: azot
Atlantic/Cape_Verde: cvt
Pacific/Fiji: fjt
Australia/Sydney: act, east, aet
Australia/Darwin: act, acst, central
Australia/Adelaide: central
Australia/Perth: west
America/Rio_Branco: act
America/Sao_Paulo: east
Europe/Berlin: central
"""

# Two letters that stand for a country or a state: these for a state, or for more than one country.
CODES = """
America/Indiana/Indianapolis: in
America/Toronto: on, ca
America/Vancouver: bc
America/Los_Angeles: ca
America/New_York: de, ga, ny, nj, ma, fl
America/Denver: co
America/Chicago: al, il, tx
Africa/Johannesburg: sa
Australia/Adelaide: sa
Australia/Perth: wa
America/Los_Angeles: wa
"""

# Where most people are: which cities are offered first.
LARGE = """
America/New_York Europe/London Europe/Berlin Asia/Kolkata Asia/Shanghai Asia/Tokyo
America/Los_Angeles America/Chicago Europe/Paris America/Toronto America/Denver Asia/Singapore
Asia/Hong_Kong Australia/Sydney Asia/Seoul America/Sao_Paulo Europe/Moscow Europe/Istanbul
Europe/Athens Africa/Cairo Africa/Lagos Africa/Johannesburg Africa/Nairobi Asia/Dubai
Asia/Karachi Asia/Dhaka Asia/Bangkok Asia/Jakarta Asia/Manila Asia/Jerusalem Asia/Tehran
Asia/Riyadh Asia/Kathmandu Asia/Yangon Asia/Tashkent America/Mexico_City
America/Argentina/Buenos_Aires America/Bogota America/Santiago America/Halifax America/Phoenix
America/Puerto_Rico America/St_Johns America/Anchorage Pacific/Honolulu Pacific/Auckland
Australia/Brisbane Australia/Perth Australia/Adelaide Australia/Darwin Europe/Lisbon Europe/Dublin
Europe/Kyiv Europe/Helsinki America/Panama America/Havana Atlantic/Azores Atlantic/Reykjavik
Atlantic/Cape_Verde Pacific/Fiji Pacific/Guadalcanal
"""
