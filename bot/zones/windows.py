"""Names of zones that Windows alone has (CLDR's windowsZones), without `Standard Time`."""

WINDOWS = """
America/Adak: aleutian
Pacific/Honolulu: hawaiian
Pacific/Marquesas: marquesas
America/Anchorage: alaskan
America/Tijuana: pacific mexico
America/Mazatlan: mountain mexico
America/Guatemala: central america
Pacific/Easter: easter island
America/Mexico_City: central mexico
America/Regina: canada central
America/Bogota: sa pacific
America/Cancun: eastern mexico
America/New_York: us eastern
America/Grand_Turk: turks and caicos
America/Cuiaba: central brazilian
America/La_Paz: sa western
America/Santiago: pacific sa
America/Araguaina: tocantins
America/Sao_Paulo: e south america
America/Cayenne: sa eastern
America/Argentina/Buenos_Aires: argentina
America/Nuuk: greenland
America/Montevideo: montevideo
America/Punta_Arenas: magallanes
America/Miquelon: saint pierre
America/Bahia: bahia
Atlantic/Azores: azores
Atlantic/Cape_Verde: cape verde
Africa/Casablanca: morocco
Europe/Berlin: w europe
Europe/Budapest: central europe
Europe/Paris: romance
Africa/Lagos: w central africa
Asia/Amman: jordan
Europe/Bucharest: gtb
Asia/Beirut: middle east
Africa/Cairo: egypt
Europe/Chisinau: e europe
Asia/Hebron: west bank
Africa/Johannesburg: south africa
Europe/Kyiv: fle
Asia/Jerusalem: israel
Europe/Kaliningrad: kaliningrad
Africa/Tripoli: libya
Africa/Windhoek: namibia
Asia/Baghdad: arabic
Asia/Riyadh: arab
Europe/Minsk: belarus
Europe/Moscow: russian
Africa/Nairobi: e africa
Asia/Dubai: arabian
Asia/Baku: azerbaijan
Europe/Samara: russia zone 3
Asia/Tbilisi: georgian
Asia/Yerevan: caucasus
Asia/Tashkent: west asia
Asia/Yekaterinburg: ekaterinburg
Asia/Colombo: sri lanka
Asia/Almaty: central asia
Asia/Novosibirsk: n central asia
Asia/Yangon: myanmar
Asia/Bangkok: se asia
Asia/Barnaul: altai
Asia/Hovd: w mongolia
Asia/Krasnoyarsk: north asia
Asia/Singapore: malay peninsula
Australia/Perth: w australia
Asia/Irkutsk: north asia east
Australia/Eucla: aus central w
Asia/Chita: transbaikal
Australia/Adelaide: cen australia
Australia/Darwin: aus central
Australia/Brisbane: e australia
Australia/Sydney: aus eastern
Pacific/Port_Moresby: west pacific
Australia/Hobart: tasmania
Australia/Lord_Howe: lord howe
Asia/Srednekolymsk: russia zone 10
Pacific/Guadalcanal: central pacific
Asia/Kamchatka: russia zone 11
Pacific/Auckland: new zealand
Pacific/Chatham: chatham islands
Pacific/Tongatapu: tonga
Pacific/Apia: samoa
Pacific/Kiritimati: line islands
"""
